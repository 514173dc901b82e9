"""
How far a campaign is at a moment, for those who look at it every second.

One pass over its messages in the index and nothing else: the store is not asked, so that a panel
which is open all day costs the host little. What came of a campaign is told by ``results``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wakit.model import Campaign, Send, SendState, utc
from wakit.outbox.queue import Outbox

#: Until when what is paused waits: resuming it gives the time back.
FAR = datetime(2100, 1, 1, tzinfo=UTC)
#: Messages about which a person is asked at a time.
UNDECIDED = 50
#: Reasons that are told why messages never left, the most frequent first.
REASONS = 10

#: What was sent again stands for what it repeats.
_PROGRESS = """
SELECT state, waiting_for, count(*) AS count, min(not_before) AS until FROM send
WHERE campaign = :campaign AND id NOT IN (SELECT again_of FROM send WHERE campaign = :campaign AND again_of IS NOT NULL)
GROUP BY state, waiting_for
"""
_NEVER = """
SELECT state, error, count(*) AS count FROM send
WHERE campaign = :campaign AND state IN ('cancelled', 'failed') AND error IS NOT NULL
  AND id NOT IN (SELECT again_of FROM send WHERE campaign = :campaign AND again_of IS NOT NULL)
GROUP BY state, error ORDER BY count(*) DESC, error LIMIT :limit
"""
_UNDECIDED = "SELECT id FROM send WHERE campaign = ? AND state = 'unknown' AND decided_by IS NULL ORDER BY no LIMIT ?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Messages that the same thing holds back."""

    #: A sentence of the catalogues.
    reason: str
    count: int
    #: When the first of them may leave, where that is known.
    until: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Never:
    """Messages that will never leave for the same reason."""

    state: SendState
    #: A sentence of the catalogues, or what WhatsApp answered.
    reason: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a campaign is."""

    campaign: Campaign
    #: Of the last message to each person.
    states: Mapping[SendState, int]
    waiting: Sequence[Waiting]
    never: Sequence[Never]
    #: Nobody knows whether these arrived; the oldest ones.
    undecided: Sequence[Send]

    def to_json(self) -> dict[str, Any]:
        """Return it as it travels."""
        waiting = [
            {"reason": one.reason, "count": one.count, "until": None if one.until is None else one.until.isoformat()}
            for one in self.waiting
        ]
        return {
            "campaign": self.campaign.to_json(),
            "states": {str(state): count for state, count in self.states.items()},
            "waiting": waiting,
            "never": [{"state": str(one.state), "reason": one.reason, "count": one.count} for one in self.never],
            "undecided": [send.to_json() for send in self.undecided],
        }


def progress(outbox: Outbox, campaign: Campaign) -> Progress:
    """Return how far the messages of a campaign are, what holds them back, why some never left, and the undecided ones."""
    with outbox.reading() as db:
        found = db.execute(_PROGRESS, {"campaign": campaign.id}).fetchall()
        never = db.execute(_NEVER, {"campaign": campaign.id, "limit": REASONS}).fetchall()
        asked = [outbox.get(one) for (one,) in db.execute(_UNDECIDED, (campaign.id, UNDECIDED)).fetchall()]
    states: Counter[SendState] = Counter()
    for row in found:
        states[SendState(row["state"])] += row["count"]
    held = [row for row in found if row["state"] == SendState.QUEUED and row["waiting_for"]]
    waiting = [Waiting(reason=row["waiting_for"], count=row["count"], until=_known(row["until"])) for row in held]
    return Progress(
        campaign=campaign,
        states=states,
        waiting=waiting,
        never=[Never(state=SendState(row["state"]), reason=row["error"], count=row["count"]) for row in never],
        undecided=asked,
    )


def _known(until: float) -> datetime | None:
    return None if until >= FAR.timestamp() else utc(until)
