"""How fast an account may send by itself, and what stops it: what hosts tell and people ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wakit.model import Record


class StopReason(StrEnum):
    """Why an account is stopped."""

    #: WhatsApp restricts writing to people who never wrote: error 463.
    RESTRICTED = "restricted"
    #: WhatsApp asks to slow down: error 429.
    RATE_LIMITED = "rate_limited"
    #: WhatsApp banned the account for a while.
    BANNED = "banned"
    #: The phone or WhatsApp ended the session.
    LOGGED_OUT = "logged_out"
    #: Too few of the last automated messages were delivered.
    UNDELIVERED = "undelivered"
    #: A person stopped it.
    PAUSED = "paused"

    @property
    def holds_persons(self) -> bool:
        """Whether what people write themselves waits as well."""
        return self in {StopReason.RATE_LIMITED, StopReason.BANNED, StopReason.PAUSED}


@dataclass(frozen=True, kw_only=True, repr=False)
class Stop(Record):
    """An account that sends nothing by itself for now."""

    account: str = field(metadata={"shown": True})
    reason: StopReason = field(metadata={"shown": True})
    #: What WhatsApp or a person said.
    detail: str
    since: datetime
    #: ``None``: until a person resumes.
    until: datetime | None


@dataclass(frozen=True, kw_only=True, repr=False)
class Standing(Record):
    """What an account may still send, and when its next automated message may leave."""

    account: str = field(metadata={"shown": True})
    stop: Stop | None = field(metadata={"shown": True})
    left_in_hour: int = field(metadata={"shown": True})
    left_in_day: int = field(metadata={"shown": True})
    left_cold: int
    next_at: datetime
    #: What the next message waits for, as a sentence of the catalogues.
    why: str | None
