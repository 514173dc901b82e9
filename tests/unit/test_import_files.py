"""Files that are no export, or arrive damaged, packed or in another encoding, are read right or refused by name."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from exports import Phone, conversation, pack, write

from wakit.errors import InvalidInput, StorageFull
from wakit.importers import inspect, read
from wakit.importers.encodings import LINE_LIMIT, utf8_lines

LINES = conversation()
TEXT = Phone().text(LINES)


def texts(path: Path) -> list[str]:
    with read(path, tz="UTC") as export:
        return [row["text"] for batch in export.batches() for row in batch.to_pylist()]


EXPECTED = [line.text for line in LINES]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (bytes(400), "is no text file"),
        (b"SQLite format 3\x00" + bytes(100), "is no text file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "is no export"),
        ("Querido diario:\nhoy no pasó nada.\n".encode(), "is no export"),
        (b"PK\x05\x06" + bytes(18), "has no chat in it"),
        (b"PK\x03\x04 and nothing else", "is a broken zip"),
        (b"28/3/25, 99:99 - Ana: hola\n", "whose time exists"),
    ],
)
def test_files_that_are_no_export_are_refused_by_name(tmp_path: Path, content: bytes, why: str) -> None:
    """The error says which file, what is wrong with it, and what to do."""
    path = write(tmp_path, content, "Mi chat.txt")
    with pytest.raises(InvalidInput, match=rf"(?s)'Mi chat.txt' .*{why}.*Export the chat again") as caught:
        read(path)
    assert "Mi chat.txt" == caught.value.data["file"]
    with pytest.raises(InvalidInput, match=why):
        inspect(path)


def test_things_that_are_no_files_are_refused(tmp_path: Path) -> None:
    """A folder, a pipe and a name that is not there block nothing."""
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("missing.txt", "cannot be opened"), (".", "is no file"), ("pipe", "is no file")):
        with pytest.raises(InvalidInput, match=why):
            read(tmp_path / name)


@pytest.mark.parametrize("name", ["_chat.txt", "WhatsApp Chat with Ana.txt", "folder/_chat.txt", "other.txt"])
def test_the_chat_in_a_zip_is_found(tmp_path: Path, name: str) -> None:
    """However it is called, and whatever lies beside it, photos and texts that were sent are not the chat."""
    members = {"00000002-PHOTO-2025.jpg": b"\xff\xd8", name: TEXT.encode(), "__MACOSX/._chat.txt": b"junk"}
    if name != "other.txt":
        members["lista de compras.txt"] = b"pan\nleche\n"
    path = pack(tmp_path, "WhatsApp Chat - Los Primos.zip", members)
    assert EXPECTED == texts(path)
    with read(path, tz="UTC") as export:
        assert 2 == export.media["00000002-PHOTO-2025.jpg"]
        assert ("Ana" if name.startswith("Whats") else "Los Primos") == export.chat


def test_the_same_text_has_the_same_digest_in_any_wrapping(tmp_path: Path) -> None:
    """A chat is recognised as ``.txt``, in a zip and in UTF-16."""
    paths = (
        write(tmp_path, TEXT),
        pack(tmp_path, "a.zip", {"_chat.txt": TEXT.encode()}),
        write(tmp_path, TEXT.encode("utf-16"), "b.txt"),
    )
    digests = set()
    for path in paths:
        with read(path) as export:
            digests.add(export.digest)
    assert 1 == len(digests)


def test_a_zip_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    """Wherever the copy ended, nothing is read and nothing else is raised."""
    whole = pack(tmp_path, "whole.zip", {"_chat.txt": TEXT.encode(), "a.jpg": os.urandom(5000)}).read_bytes()
    for size in range(4, len(whole) - 1, 97):
        with pytest.raises(InvalidInput, match="broken zip"):
            read(write(tmp_path, whole[:size], "cut.zip"))


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    """A flipped byte inside the packed text is noticed."""
    content = bytearray(pack(tmp_path, "whole.zip", {"_chat.txt": TEXT.encode()}).read_bytes())
    content[200] ^= 0xFF
    with pytest.raises(InvalidInput, match="broken zip"):
        read(write(tmp_path, bytes(content), "bad.zip"))


def test_a_zip_with_two_chats_or_a_password_is_refused(tmp_path: Path) -> None:
    """The person is told to unpack it."""
    two = pack(tmp_path, "two.zip", {"a.txt": TEXT.encode(), "b.txt": TEXT.encode()})
    with pytest.raises(InvalidInput, match="2 files that could be the chat"):
        read(two)
    locked = bytearray(pack(tmp_path, "locked.zip", {"_chat.txt": TEXT.encode()}).read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InvalidInput, match="cannot be unpacked"):
        read(write(tmp_path, bytes(locked), "locked.zip"))


def test_a_zip_bomb_is_refused_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the zip says of its size is not believed; what comes out is counted."""
    monkeypatch.setattr("wakit.importers.source.RATIO_FREE", 2**20)
    bomb = pack(tmp_path, "bomb.zip", {"_chat.txt": b"28/3/25, 10:00 - Ana: hola\n" * 500_000})
    with pytest.raises(InvalidInput, match=r"bomb.zip.*more than 1,048,576 bytes|bomb.zip.*more than [\d,]+ bytes"):
        read(bomb)


def test_a_line_without_end_is_refused_after_its_first_megabytes() -> None:
    """Two gigabytes in one line cost the memory of a few blocks, and only those are read."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(2048):
            taken += 1
            yield b"x" * 2**20

    tracemalloc.start()
    with pytest.raises(InvalidInput, match=r"'big.txt' has a line of more than"):
        for _ in utf8_lines("big.txt", endless(), []):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken <= LINE_LIMIT // 2**20 + 2
    assert peak < 4 * LINE_LIMIT


def test_a_message_without_end_is_refused_with_its_line(tmp_path: Path) -> None:
    """Megabytes of text behind one header are no message."""
    junk = ("relleno " * 100 + "\n") * (LINE_LIMIT // 800 + 10)
    path = write(tmp_path, f"28/3/25, 10:00 - Ana: hola\n28/3/25, 10:01 - Ana: mira\n{junk}")
    with pytest.raises(InvalidInput, match="behind line 2"):
        read(path)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_recognised(tmp_path: Path, codec: str) -> None:
    """With and without a mark at the beginning, the texts are the same."""
    assert EXPECTED == texts(write(tmp_path, TEXT.encode(codec)))


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_windows_text_is_read_with_a_warning(tmp_path: Path, codec: str) -> None:
    """Accents are right, and the person is asked to look."""
    path = write(tmp_path, TEXT.replace("mensaje", "cotización").encode(codec))
    with read(path, tz="UTC") as export:
        assert any("Windows-1252" in warning for warning in export.warnings)
    assert [text.replace("mensaje", "cotización") for text in EXPECTED] == texts(path)


def test_damaged_characters_are_replaced_and_counted(tmp_path: Path) -> None:
    """Two broken bytes in an otherwise sound file cost two characters."""
    content = TEXT.replace("mensaje", "cotización").encode()
    broken = content.replace(b"cotizaci\xc3\xb3n 1:", b"cotizaci\xc3n 1:").replace(b"cotizaci\xc3\xb3n 2:", b"cotizaci\xb3n 2:")
    path = write(tmp_path, broken)
    with read(path, tz="UTC") as export:
        assert any("2 damaged characters" in warning for warning in export.warnings)
    assert "cotizaci\ufffdn 1: ¿a las 10:30?" == texts(path)[1]


def test_utf_16_that_breaks_off_is_refused(tmp_path: Path) -> None:
    """Half a character at the end means that the file is not whole."""
    with pytest.raises(InvalidInput, match="may have been cut off"):
        read(write(tmp_path, TEXT.encode("utf-16")[:-1]))


def test_zeros_inside_a_text_become_visible(tmp_path: Path) -> None:
    """A byte that no text has is replaced, not passed on to the database."""
    path = write(tmp_path, TEXT.encode() * 3 + b"28/4/25, 10:00 - Ana: ho\x00la\n")
    assert "ho\ufffdla" == texts(path)[-1]


def test_a_full_disk_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for the copy is no fault of the file."""

    class Full(io.BytesIO):
        def write(self, data: bytes) -> int:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    with pytest.raises(StorageFull, match=r"chat\.txt"):
        read(write(tmp_path, TEXT))


def test_nothing_is_left_open_or_behind(tmp_path: Path) -> None:
    """Files that were read and files that were refused leave no descriptor and no copy."""
    bad = write(tmp_path, b"PK\x03\x04broken", "bad.zip")
    good = write(tmp_path, TEXT)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        read(good).close()
        with pytest.raises(InvalidInput):
            read(bad)
    assert before == len(os.listdir("/proc/self/fd"))


def test_a_file_that_changes_while_it_is_read_harms_nothing(tmp_path: Path) -> None:
    """The text is a copy: what becomes of the file afterwards is no matter."""
    path = write(tmp_path, TEXT)
    with read(path, tz="UTC") as export:
        path.write_bytes(b"")
        assert EXPECTED == [row["text"] for batch in export.batches() for row in batch.to_pylist()]


def test_stored_zips_are_read(tmp_path: Path) -> None:
    """Phones that do not compress are read as well."""
    path = tmp_path / "stored.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("_chat.txt", TEXT)
    assert EXPECTED == texts(path)
