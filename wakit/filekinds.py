"""
What a file is, by its first bytes, and as which kind of message it can be sent.

Names and announced types prove nothing, and WhatsApp's apps show a broken picture or a
silent note where bytes and kind do not fit; so the bytes decide. The table holds
what the apps play themselves; everything else can go as a document.
"""

from __future__ import annotations

import mimetypes
from typing import Literal, get_args

from wakit.errors import InvalidInput

#: As what a file can be sent.
FileKind = Literal["image", "video", "audio", "voice", "document", "sticker"]
FILE_KINDS: tuple[FileKind, ...] = get_args(FileKind)

#: How many bytes ``sniff`` looks at.
HEAD = 64
BYTES = "application/octet-stream"
OPUS = "audio/ogg; codecs=opus"

#: Type → what stands where in the file.
_SIGNATURES: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...] = (
    ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
    ("image/png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ("image/webp", ((0, b"RIFF"), (8, b"WEBP"))),
    ("image/gif", ((0, b"GIF8"),)),
    ("audio/mp4", ((4, b"ftypM4A"),)),
    ("video/3gpp", ((4, b"ftyp3g"),)),
    ("video/quicktime", ((4, b"ftypqt"),)),
    ("video/mp4", ((4, b"ftyp"),)),
    (OPUS, ((0, b"OggS"), (28, b"OpusHead"))),
    ("audio/ogg", ((0, b"OggS"),)),
    ("audio/mpeg", ((0, b"ID3"),)),
    ("audio/mpeg", ((0, b"\xff\xfb"),)),
    ("audio/mpeg", ((0, b"\xff\xf3"),)),
    ("audio/aac", ((0, b"\xff\xf1"),)),
    ("audio/aac", ((0, b"\xff\xf9"),)),
    ("audio/amr", ((0, b"#!AMR"),)),
    ("application/pdf", ((0, b"%PDF-"),)),
)
#: Kind of message → types that the apps show or play as such; a document may be anything.
_TAKEN: dict[FileKind, frozenset[str]] = {
    "image": frozenset({"image/jpeg", "image/png"}),
    "video": frozenset({"video/mp4", "video/3gpp"}),
    "audio": frozenset({"audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/ogg", OPUS}),
    "voice": frozenset({OPUS}),
    "sticker": frozenset({"image/webp"}),
}
#: What a file becomes where nobody says; a voice note only where somebody says so.
_USUAL: tuple[FileKind, ...] = ("image", "video", "audio", "sticker")


def sniff(head: bytes) -> str:
    """Return the type that the first bytes of a file tell, or that of bytes."""
    found = (kind for kind, marks in _SIGNATURES if all(head[at : at + len(mark)] == mark for at, mark in marks))
    return next(found, BYTES)


def usual_kind(head: bytes) -> FileKind:
    """Return as which kind of message a file is sent where nobody says."""
    found = sniff(head)
    return next((kind for kind in _USUAL if found in _TAKEN[kind]), "document")


def type_for(kind: FileKind, head: bytes, name: str | None) -> str:
    """
    Return the type under which a file is sent as *kind*.

    Raises:
        InvalidInput: It is no such file.
    """
    found = sniff(head)
    if kind == "document":
        return (mimetypes.guess_type(name)[0] if name else None) or found
    if found not in _TAKEN[kind]:
        what = "of a type that is not known" if found == BYTES else found
        wanted = ", ".join(sorted(_TAKEN[kind]))
        msg = (
            f"The file cannot be sent as {kind}: it is {what}, and WhatsApp takes {wanted}. Convert it, or send it as a document."
        )
        raise InvalidInput(msg, kind=kind, type=found)
    return found
