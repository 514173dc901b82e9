"""
What is known of a schedule: which notebook runs when, and what became of the times that it was due.

The key of a run is made of the schedule's id and the slot, so whatever starts the
run for a slot (this host, the next one, a crontab that was exported beside it)
asks for the same run, and it is carried out once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from wakit.model import Record

#: How a slot is written in a key; a crontab's ``date -u`` writes it as well.
SLOT = "%Y-%m-%dT%H:%MZ"
_BY_HAND = "%Y-%m-%dT%H:%M:%S.%fZ"


class Misfire(StrEnum):
    """What is done about slots at which no host was running."""

    #: The newest one is run late, once, however many there were.
    ONCE = "once"
    #: Nothing; the next one is the next to run.
    SKIP = "skip"


class FiringState(StrEnum):
    """What became of one slot."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    #: Not run, for the reason that is written beside it.
    SKIPPED = "skipped"


@dataclass(frozen=True, kw_only=True, repr=False)
class Firing(Record):
    """One slot of a schedule, and the run that it led to."""

    schedule: str = field(metadata={"shown": True})
    #: When it was due.
    slot: datetime = field(metadata={"shown": True})
    #: Under which the run stands in ``runs``.
    key: str
    state: FiringState = field(metadata={"shown": True})
    started_at: datetime
    ended_at: datetime | None = None
    #: How ``wakit run`` ended.
    exit_code: int | None = None
    #: Why it was late, was not run, or did not end well.
    why: str | None = None
    #: The end of what the run wrote.
    output: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Schedule(Record):
    """A notebook that the host runs by the clock."""

    id: str
    name: str = field(metadata={"shown": True})
    #: Five fields, as in a crontab.
    cron: str = field(metadata={"shown": True})
    #: Whose clock they are read on.
    zone: str
    #: Below the workspace, or absolute where it lies elsewhere.
    notebook: str
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Whether it may send; otherwise it is a dry run.
    send: bool = False
    misfire: Misfire = Misfire.ONCE
    #: Who is told where a run does not end well; none means who stands in the settings.
    notify: tuple[str, ...] = ()
    created_at: datetime
    paused_at: datetime | None = None
    #: Unset while it is paused.
    next_at: datetime | None = field(default=None, metadata={"shown": True})
    #: The last slot and what became of it, without its output.
    last: Firing | None = None

    def key(self, slot: datetime) -> str:
        """Return the key of the run for *slot*."""
        return f"{self.id}@{slot.astimezone(UTC).strftime(SLOT)}"

    def key_by_hand(self, at: datetime) -> str:
        """Return the key of a run that somebody asks for; never that of a slot."""
        return f"{self.id}@{at.astimezone(UTC).strftime(_BY_HAND)}"

    def arguments(self) -> list[str]:
        """Return what stands behind ``wakit`` to run the notebook, but for the key."""
        given = [part for name, value in self.parameters.items() for part in ("-p", f"{name}={_written(value)}")]
        told = [part for one in self.notify for part in ("--notify", one)]
        return ["run", self.notebook, *given, *(["--send"] if self.send else []), *told]


def first_due(schedules: Iterable[Schedule]) -> tuple[str, datetime] | None:
    """Return name and time of the schedule that is due next, if any is."""
    coming = [(one.next_at, one.name) for one in schedules if one.next_at is not None]
    at, name = min(coming, default=(None, ""))
    return None if at is None else (name, at)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
