"""The compressed parts of a journal: complete on disk before a row leaves the live file, and never changed again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import zstandard

_PREFIX, _SUFFIX = "journal-", ".db.zst"


@dataclass(frozen=True, order=True, slots=True)
class Part:
    """One part: the numbers of its first and last row, which are its name."""

    first: int
    last: int
    path: Path


def part_of(directory: Path, first: int, last: int) -> Part:
    """Return the part of these rows, whether it exists or not."""
    return Part(first, last, directory / f"{_PREFIX}{first}-{last}{_SUFFIX}")


def parts_in(directory: Path) -> list[Part]:
    """Return all parts of a journal, oldest first."""
    parts = []
    for path in directory.glob(f"{_PREFIX}*{_SUFFIX}"):
        first, _, last = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX).partition("-")
        if first.isdigit() and last.isdigit():
            parts.append(Part(int(first), int(last), path))
    return sorted(parts)


def pack(plain: Path, part: Part) -> None:
    """Compress a database file to its part; when this returns it survives a power cut."""
    packed = plain.with_suffix(".zst")
    packed.touch(mode=0o600, exist_ok=False)
    with plain.open("rb") as source, packed.open("wb") as sink:
        zstandard.ZstdCompressor(level=9, write_checksum=True).copy_stream(source, sink)
        sink.flush()
        os.fsync(sink.fileno())
    packed.replace(part.path)
    directory = os.open(part.path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def unpack(part: Part) -> bytes:
    """
    Return the database file of a part.

    Raises:
        ValueError: The part is damaged.
    """
    try:
        with part.path.open("rb") as file:
            return zstandard.ZstdDecompressor().stream_reader(file).read()
    except zstandard.ZstdError as exc:
        raise ValueError(str(exc)) from exc
