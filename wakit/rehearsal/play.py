"""
The play: the queue of a host, with its gates, from the first message to the last answer.

``Outbox.claim`` decides what leaves and when, as in a host; where it says "look again then", the clock is moved
there, or to whatever a recipient does before.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.model import Campaign, Purpose, Receipt, ReceiptState, Send, SendState, Terms
from wakit.outbox import Outbox, Task
from wakit.outbox.campaigns import CampaignGate, Campaigns, Draft
from wakit.outbox.consent import EVERYTHING, ConsentGate, Consents, Statement
from wakit.outbox.optout import Way, wish
from wakit.outbox.pacing import Pacing
from wakit.outbox.planning import Line, key_of
from wakit.outbox.templates import Template
from wakit.outgoing import Text
from wakit.rehearsal.recipient import conduct
from wakit.rehearsal.script import Part, Script
from wakit.rehearsal.stage import Stage

#: Only for this ledger, which is thrown away.
_KEY = b"rehearsal".ljust(32, b"-")
_SAID = Statement(channel="rehearsal", by="rehearsal", text="-")
_HOUR = timedelta(hours=1)
#: So that rounding never leaves it just before the instant.
_TICK = 1e-3
_ON_ITS_WAY = frozenset({SendState.SENT, SendState.DELIVERED, SendState.READ})

_Deed = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Seen:
    """What became of the message to one recipient."""

    part: Part
    message_id: str = ""
    sent: datetime | None = None
    delivered: datetime | None = None
    read: datetime | None = None
    answered: datetime | None = None
    answer: str = ""
    opted_out: bool = False


class Play:
    """
    One rehearsal.

    Args:
        script: What is rehearsed.
        folder: For the queue and the network of this rehearsal alone.
    """

    def __init__(self, script: Script, folder: Path) -> None:
        self._script = script
        self.clock = ManualClock(script.start)
        self._settings = Settings(**script.settings)
        self._outbox = Outbox(folder / "outbox.db", self.clock, is_kept=False)
        cold = {part.to for part in script.parts if part.cold} | {to for to, is_cold in script.ahead if is_cold}
        self._pacing = Pacing(
            self._outbox,
            self._settings,
            self.clock,
            wrote=lambda _, address: address not in cold,
            linked_at=lambda _: None if script.linked_days is None else script.start - timedelta(days=script.linked_days),
            draw=random.Random(script.assumptions.seed).uniform,  # noqa: S311 - pauses of a rehearsal
        )
        self._consents = Consents(self._outbox, self.clock, _KEY, lambda _, address: [address])
        self._outbox.guard(CampaignGate(), ConsentGate(self._consents, lambda _: None), self._pacing)
        self._ledger = Campaigns(self._outbox, self.clock)
        self._stage = Stage(folder / "network", {part.to for part in script.parts})
        self._seen = {part.to: Seen(part) for part in script.parts}
        #: What recipients will do, the next thing first.
        self._deeds: list[tuple[datetime, int, _Deed]] = []
        self._numbers = itertools.count()
        self._hours: list[dict[str, Any]] = []
        self._hour = script.start.replace(minute=0, second=0, microsecond=0)
        self._sent_in_hour = 0

    async def run(self) -> dict[str, Any]:
        """Play it through, and return what happened."""
        try:
            await self._stage.open()
            campaign = self._queued()
            while await self._step(campaign):
                pass
            self._count_hour(campaign)
            return self._told(campaign)
        finally:
            await self._stage.close()
            self._outbox.close()

    def _queued(self) -> Campaign:
        """Queue what waits before the plan, and then the plan, for people who all agreed."""
        script = self._script
        with self._outbox.writing():
            self._pacing.adopt(script.account, script.pace, script.elapsed)
            for to in {*self._seen, *(to for to, _ in script.ahead)}:
                for purpose in (script.purpose, Purpose.TRANSACTIONAL):
                    self._consents.opt_in(script.account, to, purpose, _SAID)
            before = ((to, Text(text="-")) for to, _ in script.ahead)
            self._outbox.add_many(script.account, before, Terms(purpose=Purpose.TRANSACTIONAL))
        template = Template("")
        draft = Draft(
            name=script.name, account=script.account, purpose=script.purpose, template=template, not_after=script.not_after
        )
        lines = [Line(part.row, part.person, part.to, part.name, part.text, part.planned) for part in script.parts]
        kept = self._ledger.draft(draft, lines)
        started = self._ledger.start(kept.id, confirm=kept.recipients, digest=kept.digest)
        while self._ledger.enqueue(started.id):
            pass
        return started

    async def _step(self, campaign: Campaign) -> bool:
        """Let one message leave, or go on to when something happens; return whether there is more."""
        turn = self._outbox.claim(self._script.account)
        if turn.task is not None:
            await self._leave(turn.task)
            return True
        times = [] if turn.again_at is None or self._is_stopped() else [turn.again_at]
        times += [when for when, _, _ in self._deeds[:1]]
        if not times:
            return False
        self._go_on_to(min(times), campaign)
        while self._deeds and self._deeds[0][0] <= self.clock.now():
            await heapq.heappop(self._deeds)[2]()
        return True

    def _go_on_to(self, when: datetime, campaign: Campaign) -> None:
        """Move the clock, and write down how the account is at each full hour on the way."""
        while self._hour + _HOUR <= when:
            self._move(self._hour + _HOUR)
            self._count_hour(campaign)
            self._hour += _HOUR
        self._move(when)

    def _move(self, when: datetime) -> None:
        self.clock.advance(max((when - self.clock.now()).total_seconds(), 0.0) + _TICK)

    def _is_stopped(self) -> bool:
        """Whether the account stopped and only a person lets it go on."""
        stop = self._pacing.standing(self._script.account).stop
        return stop is not None and stop.until is None

    async def _leave(self, task: Task) -> None:
        self._sent_in_hour += 1
        send = task.send
        seen = self._seen.get(send.to) if send.campaign is not None else None
        if seen is None:  # it was queued before: somebody else's message
            self._settle(send, f"ahead-{send.id}")
            return
        seen.message_id = await self._stage.send(send.to, seen.part.text, seen.part.name)
        seen.sent = self.clock.now()
        self._settle(send, seen.message_id)
        self._expect(seen)

    def _settle(self, send: Send, message_id: str) -> None:
        self._outbox.settle(send.id, SendState.SENT, message_id)

    def _expect(self, seen: Seen) -> None:
        """Draw what the recipient does, and let it happen at its time."""
        place = self._pacing.rules.addressee(seen.part.to).place
        will = conduct(seen.part.person, self.clock.now(), place, self._script.assumptions)

        async def gets_it() -> None:
            await self._stage.switch_on(seen.part.to, seen.message_id)
            seen.delivered = self._received(seen, ReceiptState.DELIVERED)

        async def reads_it() -> None:
            await self._stage.read(seen.part.to, seen.message_id)
            seen.read = self._received(seen, ReceiptState.READ)

        async def answers() -> None:
            seen.answer = await self._stage.answer(seen.part.to, will.words)
            seen.answered = self.clock.now()
            self._hear(seen)

        self._at(will.delivered, gets_it)
        if will.read is not None:
            self._at(will.read, reads_it)
        if will.answered is not None:
            self._at(will.answered, answers)

    def _received(self, seen: Seen, state: ReceiptState) -> datetime:
        now, account = self.clock.now(), self._script.account
        to, ids = seen.part.to, (seen.message_id,)
        self._outbox.apply_receipt(Receipt(account=account, chat=to, recipient=to, message_ids=ids, state=state, ts=now))
        return now

    def _hear(self, seen: Seen) -> None:
        """Write down who wants no more, by the words that a host listens for."""
        asked = wish(seen.answer)
        if asked is not None and asked.way is Way.OUT:
            self._consents.opt_out(self._script.account, seen.part.to, EVERYTHING, _SAID)
            seen.opted_out = True

    def _at(self, when: datetime, deed: _Deed) -> None:
        heapq.heappush(self._deeds, (when, next(self._numbers), deed))

    def _count_hour(self, campaign: Campaign) -> None:
        standing = self._pacing.standing(self._script.account)
        waiting = max(self._ledger.progress(campaign.id).waiting, key=lambda one: one.count, default=None)
        self._hours.append(
            {
                "hour": self._hour.isoformat(),
                "sent": self._sent_in_hour,
                "left_in_hour": standing.left_in_hour,
                "left_in_day": standing.left_in_day,
                "left_cold": standing.left_cold,
                "waits_for": None if waiting is None else waiting.reason,
            }
        )
        self._sent_in_hour = 0

    def _told(self, campaign: Campaign) -> dict[str, Any]:
        ended = {one.person: self._outbox.get(one.send) for one in self._ledger.outcomes(campaign.id)}
        stop = self._pacing.standing(self._script.account).stop
        last = max((no for no, hour in enumerate(self._hours, 1) if hour["sent"]), default=1)
        return {
            "name": self._script.name,
            "account": self._script.account,
            "timezone": self._settings.timezone,
            "start": self._script.start.isoformat(),
            "assumptions": self._script.assumptions.to_json(),
            "stopped": None if stop is None else str(stop.reason),
            "people": [_row(seen, ended[key_of(to)]) for to, seen in self._seen.items()],
            "hours": self._hours[:last],
        }


def _row(seen: Seen, send: Send) -> dict[str, Any]:
    part = seen.part
    left = send.state in _ON_ITS_WAY
    instants = {name: getattr(seen, name) for name in ("sent", "delivered", "read", "answered")}
    return {
        "row": part.row,
        "person": part.person,
        "name": part.name,
        "planned": None if part.planned is None else part.planned.isoformat(),
        **{name: None if when is None else when.isoformat() for name, when in instants.items()},
        "answer": seen.answer or None,
        "opted_out": seen.opted_out,
        "why": None if left else send.error or send.waiting_for,
    }
