"""What is rehearsed: the plan, the account's pace, and what is assumed of people, as it goes to the rehearsing process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from wakit.model import Purpose
from wakit.outbox.buckets import Pace
from wakit.rehearsed import Assumptions


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One recipient of the plan."""

    row: int
    person: str
    to: str
    name: str | None
    text: str
    #: When the plan says that it leaves.
    planned: datetime | None
    #: Never wrote to the account.
    cold: bool


@dataclass(frozen=True, kw_only=True)
class Script:
    """Everything that a rehearsal needs to know."""

    account: str
    name: str
    purpose: Purpose
    start: datetime
    not_after: datetime | None
    parts: tuple[Part, ...]
    #: To whom something is queued that leaves before, and who of them never wrote.
    ahead: tuple[tuple[str, bool], ...]
    pace: Pace
    #: The instant ``start`` on the timeline of ``pace``.
    elapsed: float
    linked_days: float | None
    #: The settings that pacing reads.
    settings: dict[str, Any]
    assumptions: Assumptions

    def to_json(self) -> dict[str, Any]:
        """Return it as it travels."""
        return {
            **{name: getattr(self, name) for name in ("account", "name", "purpose", "elapsed", "linked_days", "settings")},
            "start": self.start.isoformat(),
            "not_after": None if self.not_after is None else self.not_after.isoformat(),
            "parts": [
                asdict(part) | {"planned": None if part.planned is None else part.planned.isoformat()} for part in self.parts
            ],
            "ahead": self.ahead,
            "pace": asdict(self.pace),
            "assumptions": self.assumptions.to_json(),
        }

    @classmethod
    def from_json(cls, form: dict[str, Any]) -> Script:
        """Return what ``to_json`` wrote."""
        return cls(
            **{name: form[name] for name in ("account", "name", "elapsed", "linked_days", "settings")},
            purpose=Purpose(form["purpose"]),
            start=datetime.fromisoformat(form["start"]),
            not_after=_instant(form["not_after"]),
            parts=tuple(Part(**part | {"planned": _instant(part["planned"])}) for part in form["parts"]),
            ahead=tuple((to, cold) for to, cold in form["ahead"]),
            pace=Pace(**form["pace"]),
            assumptions=Assumptions.from_json(form["assumptions"]),
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
