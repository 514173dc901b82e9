"""
What each import read, kept beside the journals.

A message that was delivered is in a journal; one that was imported is here, so
that the database can be made again from both. Each import is one compressed
Arrow file: its messages as the export had them, and in its schema what was
decided about them. Undoing an import removes its file.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from wakit.errors import CorruptFile, StorageFull, WorkspaceNotWritable
from wakit.imported import Attachment
from wakit.model import Record
from wakit.paths import check_private_file, private_dir

_FACTS, _ATTACHMENTS = b"wakit.import", b"wakit.attachments"
_KEPT, _PART, _NEW = ".arrow", ".part", ".new"

#: The columns of a kept file, and of what ``add`` takes.
LINES = pa.schema(
    [
        pa.field("line", pa.int64(), nullable=False),
        pa.field("ts", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("sender", pa.dictionary(pa.int32(), pa.string())),
        pa.field("type", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("text", pa.string()),
        pa.field("attachment", pa.string()),
        pa.field("edited", pa.bool_(), nullable=False),
        pa.field("deleted", pa.bool_(), nullable=False),
    ]
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Facts(Record):
    """What was found out and decided about an export."""

    account: str
    #: Address of the chat, or its name where no address is known.
    chat: str
    #: Its name, as far as the file tells it.
    chat_name: str | None = None
    is_group: bool = False
    file: str
    #: Identifies the text.
    digest: str
    format: str
    date_order: str
    timezone: str
    has_seconds: bool
    first: datetime
    last: datetime
    messages: int
    #: Messages by sender.
    senders: dict[str, int] = field(default_factory=dict)
    #: Senders whose name is the one they gave themselves.
    own_names: tuple[str, ...] = ()
    #: The name under which the account itself wrote, if somebody said so.
    me: str | None = None
    imported_at: datetime
    warnings: tuple[str, ...] = ()


class ImportFiles:
    """The kept files of a workspace, by the number of their import."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def numbers(self) -> list[int]:
        """Return the numbers of all imports that are kept."""
        return sorted(int(path.stem) for path in self._folder.glob(f"*{_KEPT}"))

    def write(self, number: int, facts: Facts, batches: Iterable[pa.RecordBatch], attachments: Sequence[Attachment] = ()) -> None:
        """
        Write a file that is not kept yet.

        Raises:
            StorageFull, WorkspaceNotWritable: It could not be written; nothing is left of it.
        """
        private_dir(self._folder)
        self._write(self._path(number, _PART), facts, batches, attachments)

    def attach(self, number: int, attachments: Sequence[Attachment]) -> None:
        """
        Let a kept file know of its attachments.

        Raises:
            StorageFull, WorkspaceNotWritable, CorruptFile: The file is as it was.
        """
        new = self._path(number, _NEW)
        self._write(new, self.facts(number), self.batches(number), attachments)
        new.replace(self._path(number, _KEPT))

    def _write(self, path: Path, facts: Facts, batches: Iterable[pa.RecordBatch], attachments: Sequence[Attachment]) -> None:
        told = [one.to_json() for one in attachments]
        metadata = {_FACTS: json.dumps(facts.to_json()).encode(), _ATTACHMENTS: json.dumps(told).encode()}
        schema = LINES.with_metadata(metadata)
        try:
            # One that a crash left there goes first.
            path.unlink(missing_ok=True)
            fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            options = pa.ipc.IpcWriteOptions(compression="zstd")
            with os.fdopen(fd, "wb") as file, pa.ipc.new_stream(file, schema, options=options) as writer:
                for batch in batches:
                    writer.write_batch(batch)
        except OSError as exc:
            path.unlink(missing_ok=True)
            if exc.errno == errno.ENOSPC:
                raise StorageFull(f"The disk of {str(path)!r} is full. {StorageFull.__doc__}", path=str(path)) from exc
            msg = f"{str(path)!r} cannot be written ({exc.strerror}). Check its owner and permissions."
            raise WorkspaceNotWritable(msg, path=str(path)) from exc
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def keep(self, number: int) -> None:
        """Keep what was written, once the database has it."""
        with contextlib.suppress(FileNotFoundError):
            self._path(number, _PART).replace(self._path(number, _KEPT))

    def remove(self, number: int) -> None:
        """Forget an import."""
        for suffix in (_PART, _KEPT):
            self._path(number, suffix).unlink(missing_ok=True)

    def settle(self, stored: Iterable[int]) -> None:
        """Finish what a crash interrupted: keep what the database has, forget what it has not."""
        known = set(stored)
        for path in self._folder.glob(f"*{_NEW}"):
            path.unlink()
        for path in self._folder.glob(f"*{_PART}"):
            number = int(path.stem)
            self.keep(number) if number in known else self.remove(number)

    def facts(self, number: int) -> Facts:
        """
        Return what was decided about an import.

        Raises:
            CorruptFile: The file is damaged.
        """
        with self._open(number) as reader:
            return Facts.from_json(json.loads(reader.schema.metadata[_FACTS]))

    def attachments(self, number: int) -> list[Attachment]:
        """
        Return what became of the files that came with an import.

        Raises:
            CorruptFile: The file is damaged.
        """
        with self._open(number) as reader:
            return [Attachment.from_json(one) for one in json.loads(reader.schema.metadata.get(_ATTACHMENTS, b"[]"))]

    def batches(self, number: int) -> Iterator[pa.RecordBatch]:
        """
        Yield the messages of an import.

        Raises:
            CorruptFile: The file is damaged.
        """
        with self._open(number) as reader:
            yield from reader

    @contextlib.contextmanager
    def _open(self, number: int) -> Iterator[pa.RecordBatchReader]:
        part, kept = self._path(number, _PART), self._path(number, _KEPT)
        path = part if part.exists() else kept
        check_private_file(path)
        try:
            with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
                yield reader
        except (pa.ArrowInvalid, OSError, KeyError, ValueError) as exc:
            msg = f"{str(path)!r} is damaged ({exc}). It was left as it is: undo import {number} and import its chat again."
            raise CorruptFile(msg, path=str(path)) from exc

    def _path(self, number: int, suffix: str) -> Path:
        return self._folder / f"{number:06}{suffix}"
