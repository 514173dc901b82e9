"""The rows of a journal: what they hold, and the checksum by which damage is found."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Self

#: Number, code, microseconds, checksum, payload.
Row = tuple[Any, ...]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class EventCode(IntEnum):
    """Our own codes; 0 to 99 are the library's."""

    #: The session changed its state: ``SessionStatus`` as JSON, without secrets.
    STATE = 1000
    #: An interval without listening: ``Gap`` as JSON.
    GAP = 1001
    #: An outgoing message changed its state: ``Send`` as JSON.
    SEND = 1002
    #: A worker started or ended: facts as JSON.
    WORKER = 1003
    #: A message that this device sent; the library emits no event for it.
    SENT = 1004
    #: Rows that could not be read: file and reason as JSON.
    DAMAGED = 1005
    #: What became of the file of a message: ``MediaState`` as JSON.
    MEDIA = 1006
    #: What a poll vote says, once the library has decrypted it: facts as JSON.
    VOTE = 1007
    #: A run of a notebook began or ended: ``Run`` as JSON.
    RUN = 1010
    #: Somebody agreed to messages or opted out: ``Consent`` as JSON.
    CONSENT = 1008
    #: A campaign was planned or changed its state: ``Campaign`` as JSON.
    CAMPAIGN = 1009
    #: Who is in the groups of the account: the lists as JSON.
    GROUPS = 1011


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row of a journal."""

    seq: int
    code: int
    #: When the row was written, in UTC.
    at: datetime
    payload: bytes

    @classmethod
    def from_row(cls, row: Row, file: str) -> Self:
        """Return the entry of a row of *file*; one whose checksum is wrong becomes ``DAMAGED``."""
        seq, code, micros, _, payload = row
        if not is_sound(row):
            return cls.damaged(seq, file, "checksum")
        return cls(seq=seq, code=code, at=_EPOCH + timedelta(microseconds=micros), payload=payload)

    @property
    def missing(self) -> range:
        """The numbers of the rows that could not be read at this place."""
        if self.code != EventCode.DAMAGED:
            return range(0)
        note = json.loads(self.payload)
        return range(note.get("first", self.seq), note.get("last", self.seq) + 1)

    @classmethod
    def damaged(cls, seq: int, file: str, reason: str, **more: Any) -> Self:
        """Return an entry that stands for what could not be read at this place."""
        note = {"file": file, "reason": reason, **more}
        return cls(seq=seq, code=EventCode.DAMAGED, at=datetime.now(UTC), payload=json.dumps(note).encode())


def in_order(rows: Iterable[Row], file: str, after: int, through: int) -> Iterator[Entry]:
    """
    Yield the entries of the rows behind number *after*, and one ``DAMAGED`` for each stretch of numbers that is missing.

    Numbers have no gaps, so a damaged page that lost a row, shows one twice or
    under another number is found here: what does not fit between its neighbours
    is not believed, and its true number counts as missing.

    Args:
        rows: All rows behind *after*, as the file has them.
        file: Its name.
        after: The last number before them.
        through: The highest number that was given out.
    """
    expected, ahead = after + 1, iter(rows)
    row = next(ahead, None)
    while row is not None:
        seq, following = row[0], None
        if seq != expected:
            # Looked at only here: a row may hold many megabytes.
            following = next(ahead, None)
            if not expected < seq <= through or (following is not None and following[0] <= seq):
                row = following
                continue
            yield Entry.damaged(seq - 1, file, "missing", first=expected, last=seq - 1)
        yield Entry.from_row(row, file)
        expected = seq + 1
        row = following or next(ahead, None)
    if expected <= through:
        yield Entry.damaged(through, file, "missing", first=expected, last=through)


def row_of(code: int, payload: bytes, at: datetime) -> tuple[int, int, int, bytes]:
    """Return the columns of a new row: code, microseconds, checksum, payload."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return code, micros, _crc(code, micros, payload), payload


def is_sound(row: Row) -> bool:
    """Whether the checksum of a row is right."""
    _, code, micros, crc, payload = row
    return isinstance(payload, bytes) and bool(crc == _crc(code, micros, payload))


def _crc(code: int, micros: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<qq", code, micros)))
