"""What a file is: its first bytes say it, whatever it is called."""

from __future__ import annotations

import pytest

from wakit.emulator.clips import photo, voice_note
from wakit.errors import InvalidInput
from wakit.filekinds import BYTES, FILE_KINDS, HEAD, OPUS, FileKind, sniff, type_for, usual_kind

MP4, M4A, MOV = (b"\x00\x00\x00\x20ftyp" + brand for brand in (b"isom", b"M4A ", b"qt  "))


@pytest.mark.parametrize(
    ("head", "mimetype", "kind"),
    [
        (photo(1)[:HEAD], "image/jpeg", "image"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "image"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "sticker"),
        (b"GIF89a", "image/gif", "document"),
        (MP4, "video/mp4", "video"),
        (MOV, "video/quicktime", "document"),
        (M4A, "audio/mp4", "audio"),
        (voice_note(1)[:HEAD], OPUS, "audio"),
        (b"#!AMR\n", "audio/amr", "audio"),
        (b"%PDF-1.7", "application/pdf", "document"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", BYTES, "document"),
        (b"MZ\x90\x00", BYTES, "document"),
        (b"", BYTES, "document"),
    ],
)
def test_first_bytes_tell_type_and_usual_kind(head: bytes, mimetype: str, kind: str) -> None:
    """A voice note is only ever one because somebody says so."""
    assert (mimetype, kind) == (sniff(head), usual_kind(head))


def test_documents_may_be_anything_and_are_typed_by_their_name() -> None:
    """The name says more than bytes that many types share; without one, the bytes."""
    assert "text/csv" == type_for("document", b"a;b", "lista.csv")
    assert "application/pdf" == type_for("document", b"%PDF-1.7", None)
    assert BYTES == type_for("document", b"a;b", None)


@pytest.mark.parametrize("kind", [kind for kind in FILE_KINDS if kind != "document"])
def test_program_that_is_called_a_picture_is_none(kind: FileKind) -> None:
    """No kind but a document takes bytes of another type, whatever the name promises."""
    with pytest.raises(InvalidInput, match="send it as a document"):
        type_for(kind, b"MZ\x90\x00", "foto.jpg")
