"""
What is known of a webhook: where events are sent to, how far that got, and what was given up on.

An event that is posted has the id ``account:position``. It is the same at every
attempt and in every process, so a receiver that remembers ids gets each event
once, although the network and crashes can only promise at least once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from wakit.model import EventKind, Record


@dataclass(frozen=True, kw_only=True, repr=False)
class Webhook(Record):
    """One address that events are posted to."""

    id: str = field(metadata={"shown": True})
    url: str
    #: Only events of this account; unset means all.
    account: str | None = None
    #: Only these kinds; empty means all.
    kinds: tuple[EventKind, ...] = ()
    created_at: datetime
    #: Id of the last event that is done with.
    cursor: str
    delivered_at: datetime | None = None
    #: Since when nothing gets through, and why.
    failing_since: datetime | None = field(default=None, metadata={"shown": True})
    error: str | None = None
    #: Events that were given up on.
    dead: int = field(default=0, metadata={"shown": True})


@dataclass(frozen=True, kw_only=True, repr=False)
class NewWebhook(Webhook):
    """A webhook that was added just now, with the secret of its signatures, which is not shown again."""

    secret: str


@dataclass(frozen=True, kw_only=True, repr=False)
class DeadEvent(Record):
    """An event that the receiver refused until it was given up on."""

    webhook: str = field(metadata={"shown": True})
    #: Id of the event.
    event: str = field(metadata={"shown": True})
    attempts: int = field(metadata={"shown": True})
    error: str
    at: datetime
