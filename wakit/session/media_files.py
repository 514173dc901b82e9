"""
Files of messages on disk: named by their hash, private, complete or not there.

What a sender says of a file (its name, its size, its kind) never becomes a path
or a promise: bytes are counted and hashed as they come. Nobody opens them here,
so neither a zip nor a picture can unfold into more.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from wakit.errors import MediaFailed, StorageFull
from wakit.model import MediaStatus
from wakit.paths import private_dir, refused

_NAME = re.compile(r"[0-9a-f]{64}\Z")
_PART = ".part-"
#: Bytes that files leave free: a session pauses when the disk is full.
_ROOM_LEFT = 64 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """A file that is complete on disk."""

    sha256: str
    size: int


class MediaFiles:
    """The files of a workspace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        """
        Return where the file with this hash lies, or would.

        Raises:
            ValueError: It is no hash.
        """
        if not _NAME.match(digest):
            msg = f"{digest[:80]!r} is no SHA-256 in hexadecimal digits."
            raise ValueError(msg)
        return self._folder / digest[:2] / digest

    def find(self, digest: str | None) -> Stored | None:
        """Return the file with this hash if it is here."""
        if digest is None or not _NAME.match(digest):
            return None
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return Stored(sha256=digest, size=self.path(digest).lstat().st_size)
        return None

    def write(self, blocks: Iterable[bytes], limit: int, expected: str | None = None) -> Stored:
        """
        Keep what *blocks* give.

        Raises:
            MediaFailed: It is larger than *limit* bytes, or not the *expected*
                file; ``data["status"]`` says which. Nothing is left of it.
            StorageFull, WorkspaceNotWritable: It could not be written; likewise.
        """
        try:
            private_dir(self._folder)
            fd, name = tempfile.mkstemp(prefix=_PART, dir=self._folder)
            part = Path(name)
            try:
                with os.fdopen(fd, "wb") as file:
                    stored = _copy(blocks, file.write, limit)
                    if expected is not None and stored.sha256 != expected:
                        msg = "The file is not the one that the message announced: its hash differs. It was not kept."
                        raise MediaFailed(msg, status=MediaStatus.REFUSED, reason="wrong hash")
                    file.flush()
                    os.fsync(file.fileno())
                part.replace(private_dir(self.path(stored.sha256).parent) / stored.sha256)
            finally:
                part.unlink(missing_ok=True)
        except OSError as exc:
            raise refused(self._folder, exc) from exc
        return stored

    def require_room(self, size: int) -> None:
        """
        Refuse a file that would take the last room of the disk, which messages need.

        Raises:
            StorageFull: There is less.
        """
        disk = os.statvfs(private_dir(self._folder))
        if disk.f_bavail * disk.f_frsize < size + _ROOM_LEFT:
            raise StorageFull(f"The disk of {str(self._folder)!r} is almost full. {StorageFull.__doc__}", path=str(self._folder))

    def remove(self, digest: str) -> None:
        """Remove a file that nobody needs; nothing happens where there is none."""
        self.path(digest).unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove what a process that was killed left half written; only while nobody writes."""
        for part in self._folder.glob(f"{_PART}*"):
            part.unlink(missing_ok=True)


def too_large(size: int, limit: int) -> MediaFailed:
    """Return the error of a file that is larger than what is allowed."""
    msg = f"The file has more than the {limit:,} bytes that WAKIT_MEDIA_LIMIT allows. Raise it to fetch such files."
    return MediaFailed(msg, status=MediaStatus.TOO_LARGE, reason=f"more than {limit} bytes", size=size)


def _copy(blocks: Iterable[bytes], write: Callable[[bytes], int], limit: int) -> Stored:
    digest, size = sha256(), 0
    for block in blocks:
        size += len(block)
        if size > limit:
            raise too_large(size, limit)
        digest.update(block)
        write(block)
    return Stored(sha256=digest.hexdigest(), size=size)
