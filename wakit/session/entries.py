"""The rows of a journal: what they hold, and the checksum by which damage is found."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Self

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row of a journal."""

    seq: int
    code: int
    #: When the row was written, in UTC.
    at: datetime
    payload: bytes

    @classmethod
    def from_row(cls, row: tuple[Any, ...], file: str) -> Self:
        """Return the entry of a row of *file*; one whose checksum is wrong becomes ``DAMAGED``."""
        seq, code, micros, _, payload = row
        if not is_sound(row):
            return cls.damaged(seq, file, "checksum")
        return cls(seq=seq, code=code, at=_EPOCH + timedelta(microseconds=micros), payload=payload)

    @classmethod
    def damaged(cls, seq: int, file: str, reason: str, **more: Any) -> Self:
        """Return an entry that stands for what could not be read at this place."""
        note = {"file": file, "reason": reason, **more}
        return cls(seq=seq, code=EventCode.DAMAGED, at=datetime.now(UTC), payload=json.dumps(note).encode())


def row_of(code: int, payload: bytes, at: datetime) -> tuple[int, int, int, bytes]:
    """Return the columns of a new row: code, microseconds, checksum, payload."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    return code, micros, _crc(code, micros, payload), payload


def is_sound(row: tuple[Any, ...]) -> bool:
    """Whether the checksum of a row is right."""
    _, code, micros, crc, payload = row
    return isinstance(payload, bytes) and bool(crc == _crc(code, micros, payload))


def _crc(code: int, micros: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(struct.pack("<qq", code, micros)))
