"""
One exported chat: what it is, and its messages.

Nothing is kept of the messages but where they lie in the file, so an export of
any length takes little memory, and its batches can be read more than once.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa

from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.errors import InvalidInput
from wakit.ids import DEFAULT_ACCOUNT
from wakit.imported import chat_address, name_address
from wakit.importers.columns import batches
from wakit.importers.dates import DateOrder, Reading
from wakit.importers.parsed import Parsed, dates_in, parse
from wakit.importers.refusals import refused
from wakit.importers.zones import instants
from wakit.instants import time_zone
from wakit.model import Message, MessageType, Source


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What an export is, before it is read."""

    file: str
    #: Header lines as they are written, e.g. ``9/9/yyyy, hh:mm am - ``.
    format: str
    #: The orders in which its dates can be read, with what they mean; one is certainty.
    readings: tuple[Reading, ...]
    #: Lines that begin a message, those of WhatsApp's own included.
    count: int
    #: Messages by sender, the most talkative first.
    senders: dict[str, int]
    chat: str | None
    is_group: bool
    #: Files in the zip.
    media: int
    warnings: tuple[str, ...]


@dataclass(slots=True, repr=False)
class Export:
    """An export whose dates and time zone are decided; close it, or use it as a context manager."""

    parsed: Parsed
    file: str
    #: Identifies the text, whatever file it came in.
    digest: str
    format: str
    date_order: DateOrder
    timezone: str
    #: The chat's name, as given or as far as the file tells it.
    chat: str | None
    is_group: bool
    #: Whether times have seconds.
    has_seconds: bool
    senders: dict[str, int]
    #: Names that people gave themselves; the others are those of the phone's address book.
    own_names: frozenset[str]
    count: int
    first: datetime
    last: datetime
    #: Names and sizes of the files in the zip.
    media: dict[str, int]
    warnings: tuple[str, ...]
    _instants: np.ndarray[tuple[int], np.dtype[np.int64]] = field(repr=False)

    def __repr__(self) -> str:
        return f"Export(format={self.format!r}, count={self.count})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the file and its places back; what is known of it stays."""
        self.parsed.close()
        self._instants = np.empty(0, np.int64)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the messages in the order of the file; the columns are those of ``columns.SCHEMA``."""
        return batches(self.parsed, self._instants)

    def messages(self, account: str = DEFAULT_ACCOUNT, *, me: str | None = None) -> Iterator[Message]:
        """
        Yield the messages as records, with an edit or a revoke behind those that were changed.

        For small uses: the store takes ``batches``.

        Args:
            account: Whose they are.
            me: The name under which the account itself wrote.
        """
        chat = chat_address(self.chat or self.file, is_group=self.is_group)
        for batch in self.batches():
            for row in batch.to_pylist():
                yield from _records(row, account, chat, me, self.digest)


def read(
    path: Path | str,
    *,
    date_order: DateOrder | str | None = None,
    tz: str | None = None,
    chat: str | None = None,
    clock: Clock | None = None,
) -> Export:
    """
    Read an export of a WhatsApp chat, ``.txt`` or ``.zip``, from any phone in any language.

    Args:
        path: The file.
        date_order: ``dmy``, ``mdy`` or ``ymd``; needed only where the file does not tell.
        tz: Time zone of the phone, e.g. ``America/Bogota``; default is that of the settings.
        chat: Name of the chat, where the file's name does not tell it.
        clock: Tells today, after which nothing was written.

    Raises:
        InvalidInput: It is no export, or its dates can be read in two orders: ``data["readings"]``.
        StorageFull: There is no room for a copy of it.
    """
    order = _order(date_order)
    where = time_zone(tz or settings().timezone)
    parsed = parse(Path(path), chat, (clock or SystemClock()).now().date())
    try:
        reading = dates_in(parsed, order) if order else _only(parsed)
        parsed.decide(reading.order)
        return _export(parsed, reading, instants(parsed.days, parsed.headers.second, where), where.key)
    except BaseException:
        parsed.close()
        raise


def inspect(path: Path | str, *, chat: str | None = None, clock: Clock | None = None) -> Inspection:
    """
    Return what an export is, also where its dates cannot be told.

    Raises:
        InvalidInput: It is no export.
        StorageFull: There is no room for a copy of it.
    """
    parsed = parse(Path(path), chat, (clock or SystemClock()).now().date())
    try:
        return Inspection(
            file=parsed.source.name,
            format=str(parsed.layout),
            readings=tuple(parsed.readings),
            count=len(parsed.headers),
            senders=_counts(parsed),
            chat=parsed.chat,
            is_group=parsed.is_group,
            media=len(parsed.source.media),
            warnings=tuple(parsed.warnings),
        )
    finally:
        parsed.close()


def message_id(digest: str, line: int) -> str:
    """Return the id of a message of an export: the same for the same line of the same text."""
    return f"{digest[:12]}-{line}"


def _order(given: DateOrder | str | None) -> DateOrder | None:
    try:
        return None if given is None else DateOrder(given)
    except ValueError as exc:
        raise InvalidInput(f"{given!r} is no order of dates. Choose dmy, mdy or ymd.", date_order=str(given)[:16]) from exc


def _only(parsed: Parsed) -> Reading:
    if len(parsed.readings) == 1:
        return parsed.readings[0]
    told = " or ".join(str(reading) for reading in parsed.readings)
    orders = " or ".join(f"--date-order {reading.order}" for reading in parsed.readings)
    facts = [
        {"date_order": str(one.order), "first": one.first.isoformat(), "last": one.last.isoformat()} for one in parsed.readings
    ]
    why = f"has dates that can be read in {len(facts)} orders: {told}"
    raise refused(parsed.source.name, why, f"Say which: {orders}.", readings=facts)


def _counts(parsed: Parsed) -> dict[str, int]:
    spoken = parsed.headers.sender[parsed.headers.sender >= 0]
    counts = np.bincount(spoken, minlength=len(parsed.senders))
    return {parsed.senders[code].name: int(counts[code]) for code in np.argsort(-counts, kind="stable") if counts[code]}


def _export(parsed: Parsed, reading: Reading, when: np.ndarray[tuple[int], np.dtype[np.int64]], where: str) -> Export:
    counts = _counts(parsed)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return Export(
        parsed=parsed,
        file=parsed.source.name,
        digest=parsed.source.digest,
        format=str(parsed.layout),
        date_order=reading.order,
        timezone=where,
        chat=parsed.chat,
        is_group=parsed.is_group,
        has_seconds=parsed.layout.has_seconds,
        senders=counts,
        own_names=frozenset(sender.name for sender in parsed.senders if sender.own_name),
        count=len(when),
        first=epoch + timedelta(microseconds=int(when.min())),
        last=epoch + timedelta(microseconds=int(when.max())),
        media=parsed.source.media,
        warnings=tuple(parsed.warnings),
        _instants=when,
    )


def _records(row: dict[str, object], account: str, chat: str, me: str | None, digest: str) -> Iterator[Message]:
    name = row["sender"]
    number = message_id(digest, int(str(row["line"])))
    mine = name is not None and name == me
    sender = "" if mine else name_address(str(name)) if name is not None else chat
    attachment = row["attachment"]
    message = Message(
        account=account,
        chat=chat,
        sender=sender,
        message_id=number,
        ts=row["ts"],  # type: ignore[arg-type]
        from_me=mine,
        type=MessageType(str(row["type"])),
        text=row["text"],  # type: ignore[arg-type]
        push_name=None if name is None or mine else str(name),
        mimetype=mimetypes.guess_type(str(attachment))[0] if attachment else None,
        source=Source.IMPORT,
    )
    yield message
    if row["edited"]:
        yield message.with_(message_id=f"{number}-edit", type=MessageType.EDIT, target_id=number)
    if row["deleted"]:
        yield message.with_(message_id=f"{number}-revoke", type=MessageType.REVOKE, target_id=number)
