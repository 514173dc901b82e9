"""
The folder of a snapshot: made beside its place, and put there when it is complete.

What is half made lies in ``.NAME.partial`` and is taken up by the next attempt. A
folder that something else made, or into which somebody put a file, is not touched.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wakit.errors import InvalidInput, StorageFull, WorkspaceNotWritable
from wakit.lake import KIND, MANIFEST, Manifest, Part
from wakit.paths import private_dir, write_private


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A complete snapshot."""

    #: A lake may be behind a URL.
    folder: Path | str
    parts: tuple[Part, ...]
    #: Files that were written this time; the others had not changed.
    written: int

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each table."""
        return {table: sum(p.rows for p in self.parts if p.table == table) for table in sorted({p.table for p in self.parts})}

    def __repr__(self) -> str:
        name = str(self.folder).rpartition("/")[2]
        return f"Snapshot({name!r}, {len(self.parts)} files, {self.rows.get('messages', 0):,} messages)"


class Folder:
    """A place for a snapshot, and the one that is being made for it."""

    def __init__(self, place: Path) -> None:
        """
        Look at the place.

        Raises:
            InvalidInput: Something else is there.
        """
        self.place = place
        #: Of no host among others: its numbers of people are as they are.
        self.host: str | None = None
        self.space = 0
        self._partial = place.with_name(f".{place.name}.partial")
        self._old = place.with_name(f".{place.name}.old")
        if self._old.is_dir() and not place.exists():  # it ended between the two renames
            self._old.rename(place)
        self._before = parts_of(place) if place.exists() else ()

    @property
    def shown(self) -> Path | str:
        """Where it is."""
        return self.place

    def file_name(self, state: str) -> str:  # noqa: ARG002 - a place with one file has one name
        """Return what a file is called: its folder says what is in it."""
        return "part-0.parquet"

    @contextlib.contextmanager
    def making(self) -> Iterator[None]:
        """
        Hold the half-made snapshot for the length of the block.

        Raises:
            InvalidInput: Another process is making it.
            WorkspaceNotWritable, StorageFull: It cannot be made there.
        """
        try:
            self.place.parent.mkdir(parents=True, exist_ok=True)
            private_dir(self._partial)
            holder = os.open(self._partial, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
            finally:
                os.close(holder)
        except BlockingIOError as exc:
            msg = f"Another process is making the snapshot {str(self.place)!r}. Wait for it to end."
            raise InvalidInput(msg, path=str(self.place)) from exc
        except OSError as exc:
            if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(
                    f"The disk of {str(self.place)!r} is full. Free some space and take the snapshot again."
                ) from exc
            msg = f"The snapshot cannot be made at {str(self.place)!r} ({exc.strerror}). Choose another folder."
            raise WorkspaceNotWritable(msg, path=str(self.place)) from exc

    def kept(self, path: str, state: str) -> Part | None:
        """Return a part that an earlier attempt or snapshot has in this state; it is in its place then."""
        note, file = self._note(path), self._partial / path
        if note.is_file() and file.is_file():
            with contextlib.suppress(ValueError, TypeError):
                part = Part(**json.loads(note.read_text("utf-8")))
                if part.state == state:
                    return part
        old = next((part for part in self._before if part.path == path and part.state == state), None)
        if old is None or not (self.place / path).is_file():
            return None
        self._make_room(file)
        shutil.copy2(self.place / path, file)
        return self._noted(old) if _digest(file) == old.sha256 else None

    def write(self, rows: pa.Table, part: dict[str, Any]) -> Part:
        """Write the file of a part, durably, and return what is in it."""
        file = self._partial / part["path"]
        self._make_room(file)
        making = file.with_name(f".{file.name}.making")
        making.unlink(missing_ok=True)
        with os.fdopen(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "wb") as sink:
            pq.write_table(rows, sink, compression="zstd")
            sink.flush()
            os.fsync(sink.fileno())
        making.replace(file)
        return self._noted(Part(**part, rows=rows.num_rows, bytes=file.stat().st_size, sha256=_digest(file)))

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, leave out what belongs to no part, and put the snapshot in its place."""
        wanted = {part.path for part in manifest.parts}
        for file in list(self._partial.rglob("*")):
            if file.is_file() and file.relative_to(self._partial).as_posix() not in wanted:
                file.unlink()
        write_private(self._partial / MANIFEST, manifest.written())
        shutil.rmtree(self._old, ignore_errors=True)
        if self.place.exists():
            self.place.rename(self._old)
        self._partial.rename(self.place)
        shutil.rmtree(self._old, ignore_errors=True)

    def _note(self, path: str) -> Path:
        return (self._partial / path).with_suffix(".part.json")

    def _noted(self, part: Part) -> Part:
        write_private(self._note(part.path), json.dumps(asdict(part)).encode())
        return part

    def _make_room(self, file: Path) -> None:
        for folder in reversed([file.parent, *file.parent.relative_to(self._partial).parents]):
            private_dir(self._partial / folder)


def parts_of(place: Path) -> tuple[Part, ...]:
    """
    Return the parts of the snapshot at *place*; an empty folder has none.

    Raises:
        InvalidInput: It is something else, or somebody put a file into it.
    """
    msg = f"{str(place)!r} is no snapshot of wakit, and nothing in it was touched. Choose a new or an empty folder."
    if place.is_symlink() or not place.is_dir():
        raise InvalidInput(msg, path=str(place))
    if not any(place.iterdir()):
        return ()
    try:
        manifest = json.loads((place / MANIFEST).read_text("utf-8"))
        if manifest["kind"] != KIND:
            raise InvalidInput(msg, path=str(place))
        parts = tuple(Part(**part) for part in manifest["files"])
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise InvalidInput(msg, path=str(place)) from exc
    known = {MANIFEST, *(part.path for part in parts)}
    for file in place.rglob("*"):
        if not file.is_dir() and file.relative_to(place).as_posix() not in known:
            msg = f"{str(file)!r} is no file of the snapshot and would be lost. Move it away, or choose another folder."
            raise InvalidInput(msg, path=str(file))
    return parts


def _digest(file: Path) -> str:
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
