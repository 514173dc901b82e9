"""
Where the text of an export comes from: a ``.txt``, or the one in a ``.zip`` among photos and voice notes.

The text is copied once into a nameless private file and mapped from there: the
file of the user may change or shrink meanwhile, and a mapped file that shrinks
kills the process. Sizes are counted while reading; what a zip says about itself
is not believed.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from wakit.errors import StorageFull
from wakit.importers.encodings import utf8_lines
from wakit.importers.refusals import EXPORT_AGAIN, refused

#: WhatsApp stops at 40,000 messages; the longest exports of other tools have some hundred megabytes.
TEXT_LIMIT = 2 * 2**30
#: Chats shrink to a fifth, monotonous ones to a thirtieth; a bomb to a thousandth.
RATIO_LIMIT = 100
#: Ways of packing that are unpacked piece by piece, so that a bomb is seen in time; WhatsApp uses no others.
PIECEWISE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
#: Below this many bytes nobody cares how well they were packed.
RATIO_FREE = 64 * 2**20

_BLOCK = 2**20
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_NO_SPACE = 28


@dataclass(slots=True)
class Source:
    """The text of one export, as UTF-8."""

    #: Name of the file, for messages and to find the chat's name in.
    name: str
    text: mmap.mmap
    #: Identifies the text: the same chat as ``.txt`` and as ``.zip`` is one.
    digest: str
    #: Other files of the zip, and their sizes as it states them.
    media: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def close(self) -> None:
        """Let go of the text; arrays that still look at it keep it until they go."""
        with contextlib.suppress(BufferError):
            self.text.close()


def open_source(path: Path) -> Source:
    """
    Return the text of an export.

    Raises:
        InvalidInput: It is no export: missing, empty, binary, a broken zip, too large.
        StorageFull: There is no room for a copy of it.
    """
    name = path.name
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as exc:
        raise refused(name, f"cannot be opened ({exc.strerror})", "Check its path and its permissions.") from exc
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise refused(name, "is no file", "Give the .txt or .zip that WhatsApp made.")
    with os.fdopen(fd, "rb") as file:
        head = file.read(4)
        file.seek(0)
        if not head:
            raise refused(name, "is empty")
        if head in (_ZIP, _EMPTY_ZIP):
            return _from_zip(name, file)
        return _copied(name, _blocks(name, file, TEXT_LIMIT), {})


def _from_zip(name: str, file: IO[bytes]) -> Source:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            chat = _chat_of(name, members)
            if chat.compress_type not in PIECEWISE:
                raise refused(
                    name, "is packed in a way that WhatsApp does not use", f"Unpack it and give the .txt. {EXPORT_AGAIN}"
                )
            media = {PurePosixPath(one.filename).name: one.file_size for one in members if one is not chat}
            limit = min(TEXT_LIMIT, max(RATIO_FREE, chat.compress_size * RATIO_LIMIT))
            with archive.open(chat) as text:
                inner = PurePosixPath(chat.filename).name
                return _copied(inner if "whatsapp" in inner.lower() else name, _blocks(name, text, limit), media)
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise refused(name, f"is a broken zip ({exc}); it may not have been copied to its end") from exc
    except (RuntimeError, NotImplementedError) as exc:
        raise refused(name, f"cannot be unpacked ({exc})", f"Unpack it yourself and give the .txt. {EXPORT_AGAIN}") from exc


def _chat_of(name: str, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """Return the member that is the chat; text files that were sent in it lie beside it."""
    texts = [one for one in members if one.filename.lower().endswith(".txt") and "__MACOSX" not in one.filename]
    named = [one for one in texts if PurePosixPath(one.filename).name == "_chat.txt"]
    named = named or [one for one in texts if "whatsapp" in one.filename.lower()]
    named = named or [one for one in texts if PurePosixPath(one.filename).stem == PurePosixPath(name).stem]
    chosen = named or texts
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise refused(name, "has no chat in it: none of its files is a .txt")
    raise refused(name, f"has {len(chosen)} files that could be the chat", "Unpack it and give the right .txt.")


def _blocks(name: str, file: IO[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    while block := file.read(_BLOCK):
        size += len(block)
        if size > limit:
            raise refused(name, f"unpacks or goes on to more than {limit:,} bytes, which no chat has")
        yield block


def _copied(name: str, blocks: Iterator[bytes], media: dict[str, int]) -> Source:
    warnings: list[str] = []
    # Processors have instructions for this one; it costs a third of the others.
    digest = sha256()
    try:
        with tempfile.TemporaryFile() as copy:
            for block in utf8_lines(name, blocks, warnings):
                digest.update(block)
                copy.write(block)
            copy.flush()
            if not copy.tell():
                raise refused(name, "is empty")
            text = mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as exc:
        if exc.errno != _NO_SPACE:
            raise refused(name, f"cannot be read ({exc.strerror})", "Check its permissions and copy it again.") from exc
        raise StorageFull(f"There is no room to unpack {name!r}. {StorageFull.__doc__}", file=name) from exc
    return Source(name=name, text=text, digest=digest.hexdigest(), media=media, warnings=warnings)
