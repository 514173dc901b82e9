"""The plan of a campaign under the usual settings: when each message leaves, and who cannot get one in time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from stored import ANA, entries, opened, said

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.host.pace import Wrote
from wakit.host.plan_facts import PlanFacts
from wakit.model import Campaign, Purpose, Terms
from wakit.outbox import Outbox
from wakit.outbox.campaigns import CampaignGate, Campaigns, Draft
from wakit.outbox.consent import ConsentGate, Consents, Statement
from wakit.outbox.forecast import middle
from wakit.outbox.pacing import Pacing
from wakit.outbox.planning import Audience, Exclusion, Line, Rules, plan
from wakit.outbox.templates import Template
from wakit.outgoing import Text
from wakit.pacing import StopReason
from wakit.paths import Workspace
from wakit.store import Store

#: A Tuesday, 16:30 in Bogota and 22:30 in Madrid.
AFTERNOON = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)
STRANGER = "573209998877@s.whatsapp.net"


def number(index: int) -> str:
    """Return one of those who wrote: in Colombia, every fifth in Spain."""
    return f"346120{index:05d}" if index % 5 == 0 else f"573100{index:06d}"


class Bureau:
    """All that plans and sends in a host, with the usual settings, on a clock of its own; everybody agreed."""

    def __init__(self, workspace: Workspace, store: Store, clock: ManualClock, **settings: object) -> None:
        self.clock, self.settings = clock, Settings(**settings)  # type: ignore[arg-type]
        self.outbox = Outbox(workspace.outbox, clock)
        self.warm = {f"{number(index)}@s.whatsapp.net" for index in range(400)}
        wrote = Wrote(lambda _, address: address in self.warm, lambda _: self.warm)
        self.pacing = Pacing(self.outbox, self.settings, clock, wrote=wrote, draw=middle)
        self.consents = Consents(self.outbox, clock, b"k" * 32, lambda _, address: [address])
        self.ledger = Campaigns(self.outbox, clock)
        self.outbox.guard(CampaignGate(), ConsentGate(self.consents, lambda _: None), self.pacing)
        self.facts = PlanFacts(self.ledger, store, self.consents, self.pacing, wrote, lambda *_: frozenset(), clock)

    def planned(self, *phones: str, **terms: datetime) -> list[Line]:
        """Return the plan for these, who agree to it."""
        self.draft, lines = self._planned(phones, terms)
        return lines

    def _planned(self, phones: tuple[str, ...], terms: dict[str, datetime]) -> tuple[Draft, list[Line]]:
        with self.outbox.writing():
            for phone in phones:
                said = Statement(channel="form", by="Ana", text="sí")
                self.consents.opt_in("default", f"{phone}@s.whatsapp.net", Purpose.MARKETING, said)
        template = Template("Hola")
        draft = Draft(name="café", account="default", purpose=Purpose.MARKETING, template=template, **terms)
        audience = Audience(columns=("phone",), rows=[(f"+{phone}",) for phone in phones])
        return draft, plan(audience, template, Rules(campaign="café"), self.facts.of(draft))

    def started(self, lines: list[Line]) -> Campaign:
        """Keep the plan and queue all of it."""
        made = self.ledger.draft(self.draft, lines)
        started = self.ledger.start(made.id, confirm=made.recipients, digest=made.digest)
        while self.ledger.enqueue(started.id):
            pass
        return started

    def sent(self, until: datetime) -> dict[str, datetime]:
        """Send as the host does until some instant, and return when each left."""
        left: dict[str, datetime] = {}
        while self.clock.now() < until:
            turn = self.outbox.claim("default")
            if turn.task is not None:
                left[turn.task.send.to] = self.clock.now()
            elif turn.again_at is None:
                break
            else:
                self.clock.advance(max((turn.again_at - self.clock.now()).total_seconds(), 0.0) + 1e-3)
        return left


@pytest.fixture
def bureau(workspace: Workspace) -> Iterator[Bureau]:
    with opened(workspace) as store:
        made = Bureau(workspace, store, ManualClock(AFTERNOON))
        yield made
        made.outbox.close()


def test_plan_tells_when_the_queue_will_let_each_go(bureau: Bureau) -> None:
    """Pauses, blocks, budgets, two nights and two time zones: every message leaves when the plan said, to five seconds."""
    lines = bureau.planned(*(number(index) for index in range(330)))
    bureau.started(lines)
    left = bureau.sent(AFTERNOON + timedelta(days=3))
    assert len(left) == 330
    late = [abs((left[line.to] - line.when).total_seconds()) for line in lines if line.when is not None]
    assert (len(late), max(late) < 5) == (330, True)
    assert min(left.values()) == AFTERNOON
    assert max(left.values()) > AFTERNOON + timedelta(days=1)


def test_plan_holds_on_average_with_the_pauses_that_are_drawn(bureau: Bureau) -> None:
    """With pauses drawn as a host draws them, the last of a block of messages leaves within minutes of the plan."""
    bureau.pacing._draw = random.Random(7).uniform
    lines = bureau.planned(*(number(index) for index in range(1, 60) if index % 5))
    bureau.started(lines)
    left = bureau.sent(AFTERNOON + timedelta(hours=10))
    planned = max(line.when for line in lines if line.when is not None)
    assert abs(max(left.values()) - planned) < timedelta(minutes=8)


def test_who_cannot_be_reached_in_time_is_left_out_with_the_reason(bureau: Bureau) -> None:
    """Madrid sleeps until it is over; of the others only as many as the pace allows get it."""
    end = AFTERNOON + timedelta(minutes=10)
    lines = bureau.planned("34612000001", *(number(index) for index in range(1, 40) if index % 5), not_after=end)
    assert (lines[0].excluded, lines[0].detail) == (Exclusion.COLD, "")
    bureau.warm.add("34612000001@s.whatsapp.net")
    lines = bureau.planned("34612000001", *(number(index) for index in range(1, 40) if index % 5), not_after=end)
    assert (lines[0].excluded, lines[0].detail, lines[0].when) == (Exclusion.QUIET_HOURS, "2026-11-25T07:00Z", None)
    reasons = [line.excluded for line in lines[1:]]
    count = reasons.index(Exclusion.CAP)
    assert 10 < count < 16
    assert (set(reasons[:count]), set(reasons[count:])) == ({None}, {Exclusion.CAP})
    bureau.started(lines)
    assert len(bureau.sent(end)) == count


def test_who_never_wrote_is_left_out_beforehand(bureau: Bureau) -> None:
    """With the usual budget of none nobody is refused one by one later; with one of two a day, the third waits a day."""
    lines = bureau.planned(STRANGER.partition("@")[0], number(1))
    assert [line.excluded for line in lines] == [Exclusion.COLD, None]
    bureau.pacing.rules = type(bureau.pacing.rules).of(Settings(pacing_cold=2))
    strangers = [f"57320000000{index}" for index in range(3)]
    times = [line.when for line in bureau.planned(*strangers)]
    assert None not in times
    assert times[2] - times[0] >= timedelta(days=1)  # type: ignore[operator]


def test_what_is_queued_and_a_stop_come_first(bureau: Bureau) -> None:
    """A plan begins behind what waits already, and not before the end of a stop."""
    (alone,) = bureau.planned(number(1))
    assert alone.when == AFTERNOON
    for index in range(2, 30):
        bureau.outbox.add(
            "default", f"{number(index)}@s.whatsapp.net", Text(text="x"), terms=Terms(purpose=Purpose.TRANSACTIONAL)
        )
    (behind,) = bureau.planned(number(1))
    assert timedelta(minutes=30) < behind.when - AFTERNOON < timedelta(minutes=60)  # type: ignore[operator]
    until = AFTERNOON + timedelta(hours=2)
    bureau.pacing.stop("default", StopReason.PAUSED, "inventory", until)
    (stopped,) = bureau.planned(number(1))
    assert stopped.when > until  # type: ignore[operator]


def test_who_wrote_a_moment_ago_is_known(workspace: Workspace) -> None:
    """Whoever is in the journal is no stranger, whatever the store knows by then, by number and by alias."""
    with opened(workspace) as store:
        wrote = Wrote(store.wrote, store.writers)
        assert not wrote("default", ANA)
        wrote.hear(said("M1", "hola", chat="101596383778080@lid", sender="101596383778080@lid", sender_alt=ANA))
        assert wrote("default", ANA)
        assert wrote.cold("default", [ANA, STRANGER]) == {STRANGER}
        wrote.hear(said("M2", "hola", chat="1203@g.us", sender=STRANGER))
        assert not wrote("default", STRANGER)


def test_all_writers_are_those_who_are_known_one_by_one(workspace: Workspace) -> None:
    """Asked for a whole audience or for one, the store says the same."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", "hola"), said("M2", "para ti", chat=STRANGER, from_me=True)]))
        writers = store.writers("default")
        assert [(one in writers, store.wrote("default", one)) for one in (ANA, STRANGER)] == [(True, True), (False, False)]
    assert store.writers("nobody") == set()
