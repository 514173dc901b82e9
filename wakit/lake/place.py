"""Where files are: a folder or a URL, which fsspec knows how to read and write."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import fsspec
from fsspec.core import url_to_fs

from wakit.errors import InvalidInput, LibraryMissing, WorkspaceNotWritable
from wakit.paths import private_dir, write_private


class Place:
    """A folder, on this machine or behind a URL."""

    def __init__(self, where: Path | str) -> None:
        """
        Look where it is, without touching it.

        Raises:
            InvalidInput: fsspec knows no such kind of URL.
            LibraryMissing: It does, with a library that is not here.
        """
        named = str(where.expanduser().absolute()) if isinstance(where, Path) else where
        if "://" not in named:
            named = str(Path(named).expanduser().absolute())
        try:
            self.files: Any
            self.files, self._root = url_to_fs(named)
        except ValueError as exc:
            msg = f"{named!r} is no place for files ({exc}). Give a folder, or a URL such as s3://bucket/folder."
            raise InvalidInput(msg, place=named) from exc
        except ImportError as exc:
            raise LibraryMissing(f"{named!r} needs a library that is not installed here: {exc}", library=named) from exc
        self._named = named

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return isinstance(self.files, fsspec.implementations.local.LocalFileSystem)

    def url(self, path: str) -> str:
        """Return how others call a file: a path of this machine, or a URL."""
        full = self._full(path)
        return full if self.is_local else str(self.files.unstrip_protocol(full))

    def read(self, path: str) -> bytes | None:
        """Return a file, or nothing where there is none."""
        try:
            return bytes(self.files.cat_file(self._full(path)))
        except FileNotFoundError:
            return None

    def write(self, path: str, content: bytes) -> None:
        """
        Put a file in place of *path*, at once; on this machine durably, and for its owner only.

        Raises:
            WorkspaceNotWritable, StorageFull: What was there is still there.
        """
        full = self._full(path)
        if self.is_local:
            self._make_room(Path(full))
            write_private(Path(full), content)
            return
        try:
            self.files.makedirs(self.files._parent(full), exist_ok=True)  # noqa: SLF001 - what fsspec offers to its users
            self.files.pipe_file(full, content)
        except OSError as exc:
            msg = f"{self.url(path)!r} cannot be written ({exc}). Check its address and your rights there."
            raise WorkspaceNotWritable(msg, path=self.url(path)) from exc

    def names(self, folder: str) -> list[str]:
        """Return the names of the files right below a folder."""
        self.files.invalidate_cache()
        try:
            found = self.files.ls(self._full(folder), detail=True)
        except FileNotFoundError:
            return []
        return sorted(PurePosixPath(one["name"]).name for one in found if one["type"] == "file")

    def size(self, path: str) -> int | None:
        """Return the bytes of a file, or nothing where there is none."""
        try:
            return int(self.files.info(self._full(path))["size"])
        except FileNotFoundError:
            return None

    def below(self, path: str) -> dict[str, datetime]:
        """Return the files below a folder, and when each was written; none where there is no folder."""
        self.files.invalidate_cache()
        root = self._full("").rstrip("/")
        return {full.removeprefix(f"{root}/"): self.files.modified(full) for full in self.files.find(self._full(path))}

    def remove(self, path: str) -> None:
        """Remove a file."""
        self.files.rm_file(self._full(path))

    def __str__(self) -> str:
        return self._named

    def _full(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}".rstrip("/")

    def _make_room(self, file: Path) -> None:
        root = Path(self._root)
        root.parent.mkdir(parents=True, exist_ok=True)
        for folder in reversed([file.parent, *file.parent.parents]):
            if folder == root or root in folder.parents:
                private_dir(folder)
