"""How fast an account may send by itself, and what stops it: what hosts tell and people ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from wakit.languages import Language, mark, speak, translate
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


#: What a stop is called.
STOPPED = {
    StopReason.RESTRICTED: mark("Nothing is sent by itself: WhatsApp restricts messages to people who never wrote."),
    StopReason.RATE_LIMITED: mark("Nothing is sent: WhatsApp asked to slow down."),
    StopReason.BANNED: mark("Nothing is sent: WhatsApp banned the account for a while."),
    StopReason.LOGGED_OUT: mark("Nothing is sent by itself: the session ended."),
    StopReason.UNDELIVERED: mark("Nothing is sent by itself: too few of the last messages were delivered."),
    StopReason.PAUSED: mark("Nothing is sent: somebody paused the account."),
}
_NEXT = {
    StopReason.LOGGED_OUT: mark("Link it again and find out why it ended, then run: wakit pacing resume {account}"),
    StopReason.PAUSED: mark("To go on run: wakit pacing resume {account}"),
}
_NEXT_OTHERWISE = mark("Find out whom it wrote to and why; only then run: wakit pacing resume {account}")
_GOES_ON = mark("It goes on by itself at {until}.")


def stopped(stop: Stop, zone: ZoneInfo, lang: Language) -> str:
    """Return why an account sends nothing, and what comes next."""
    if stop.until is None:
        then = speak(lang, _NEXT.get(stop.reason, _NEXT_OTHERWISE), account=stop.account)
    else:
        then = speak(lang, _GOES_ON, until=f"{stop.until.astimezone(zone):%Y-%m-%d %H:%M}")
    return f"⏸ {translate(lang, STOPPED[stop.reason])} → {then}"
