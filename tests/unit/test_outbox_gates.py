"""The send queue's terms and gates: who leaves first, not before, not after, and what may hold a message back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest

from wakit.clock import ManualClock
from wakit.model import Purpose, Send, SendState, Terms
from wakit.outbox import Outbox
from wakit.outbox.gate import Candidate, Go, Refuse, Verdict, Wait
from wakit.outbox.queue import _DUE, EXPIRED
from wakit.outgoing import Text
from wakit.paths import Workspace
from wakit.store.sqlite import open_database

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
SOON = START + timedelta(minutes=10)
ANA, BETO = "573001234567@s.whatsapp.net", "573001234568@s.whatsapp.net"
HOLA = Text(text="hola")


class Scripted:
    """A gate that says what a test wants, and writes down what it counted."""

    def __init__(self, **verdicts: Verdict) -> None:
        self.verdicts = {f"{to}@s.whatsapp.net".removeprefix("_"): verdict for to, verdict in verdicts.items()}
        self.log: list[str] = []

    def check(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> Verdict:
        assert db.in_transaction
        return self.verdicts.get(candidate.to, Go())

    def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        self.log.append(f"spend {candidate.id}")

    def refund(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
        self.log.append(f"refund {candidate.id}")


def until(minutes: int, *, account: bool = False) -> Wait:
    return Wait(START + timedelta(minutes=minutes), "Later.", account=account)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def outbox(workspace: Workspace, clock: ManualClock) -> Iterator[Outbox]:
    """Yield an empty queue."""
    queue = Outbox(workspace.outbox, clock)
    yield queue
    queue.close()


def claimed(outbox: Outbox) -> Send:
    task = outbox.claim("default").task
    assert task is not None
    return task.send


def test_terms_come_back_with_the_send(outbox: Outbox, workspace: Workspace, clock: ManualClock) -> None:
    """Purpose, priority, both times and the campaign are part of the record and survive the host."""
    terms = Terms(purpose=Purpose.MARKETING, priority=3, not_before=START, not_after=SOON, campaign="c1")
    send = outbox.add("default", ANA, HOLA, terms=terms)
    outbox.close()
    again = Outbox(workspace.outbox, clock)
    try:
        assert send == again.get(send.id)
        assert (Purpose.MARKETING, 3, START, SOON, "c1") == (
            *(send.purpose, send.priority, send.not_before, send.not_after, send.campaign),
        )
    finally:
        again.close()


def test_higher_priority_leaves_first(outbox: Outbox) -> None:
    """Within one priority the older ones come first."""
    sends = [outbox.add("default", ANA, HOLA, terms=Terms(priority=priority)) for priority in (0, 5, -1, 5)]
    assert [sends[n].id for n in (1, 3, 0, 2)] == [claimed(outbox).id for _ in sends]


def test_message_does_not_leave_before_its_time(outbox: Outbox, clock: ManualClock) -> None:
    """Those behind go on; the queue says when to look again."""
    later = outbox.add("default", ANA, HOLA, terms=Terms(priority=9, not_before=SOON))
    now = outbox.add("default", ANA, HOLA)
    assert now.id == claimed(outbox).id
    turn = outbox.claim("default")
    assert (None, (), SOON) == (turn.task, turn.changed, turn.again_at)
    clock.advance(600)
    assert later.id == claimed(outbox).id


def test_message_whose_time_is_over_is_cancelled_with_the_reason(outbox: Outbox, clock: ManualClock) -> None:
    """Nothing arrives after its hour, also where the host was away meanwhile."""
    late = outbox.add("default", ANA, HOLA, terms=Terms(not_before=START + timedelta(hours=1), not_after=SOON))
    assert SOON == outbox.claim("default").again_at
    clock.advance(600)
    turn = outbox.claim("default")
    assert (None, None, [(late.id, SendState.CANCELLED, EXPIRED)]) == (
        turn.task,
        turn.again_at,
        [(send.id, send.state, send.error) for send in turn.changed],
    )


def test_message_that_is_over_already_is_not_begun(outbox: Outbox) -> None:
    """What comes too late is queued, and cancelled by the next look."""
    send, task = outbox.begin("default", ANA, HOLA, terms=Terms(not_after=START))
    assert (SendState.QUEUED, None) == (send.state, task)
    assert [send.id] == [one.id for one in outbox.claim("default").changed]


def test_sent_again_by_a_person_has_no_hours(outbox: Outbox, clock: ManualClock) -> None:
    """The hours of the first attempt are over; its purpose and campaign stay."""
    send = outbox.add("default", ANA, HOLA, terms=Terms(purpose=Purpose.MARKETING, not_after=START, campaign="c1"))
    outbox.claim("default")
    _, new = outbox.again(send.id, "Ana")
    assert (Purpose.MARKETING, "c1", None) == (new.purpose, new.campaign, new.not_after)
    assert new.id == claimed(outbox).id


def test_gate_counts_what_it_lets_go(outbox: Outbox) -> None:
    """Once for a message, in the step in which it becomes ``sending``."""
    gate = Scripted()
    outbox.guard(gate)
    outbox.add("default", ANA, HOLA)
    first = claimed(outbox)
    second, _ = outbox.begin("default", ANA, HOLA)
    assert [f"spend {first.id}", f"spend {second.id}"] == gate.log


def test_gate_that_fails_leaves_the_message_queued(outbox: Outbox) -> None:
    """What another gate counted is undone with the claim, in the same transaction."""

    class Counting(Scripted):
        def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
            db.execute(
                "INSERT INTO early_receipt (account, message_id, state, at) VALUES ('counted', ?, 'x', 0)", (candidate.id,)
            )

    class Failing(Scripted):
        def spend(self, db: sqlite3.Connection, candidate: Candidate, now: datetime) -> None:
            raise RuntimeError(candidate.id)

    outbox.guard(Counting(), Failing())
    send = outbox.add("default", ANA, HOLA)
    with pytest.raises(RuntimeError):
        outbox.claim("default")
    with outbox.reading() as db:
        assert db.execute("SELECT count(*) FROM early_receipt").fetchone()[0] == 0
    assert SendState.QUEUED is outbox.get(send.id).state


def test_held_back_message_says_why_and_lets_others_go(outbox: Outbox, clock: ManualClock) -> None:
    """A wait of one recipient is nobody else's; what left waits for nothing any more."""
    gate = Scripted(_573001234567=until(10))
    outbox.guard(gate)
    held, free = outbox.add("default", ANA, HOLA), outbox.add("default", BETO, HOLA)
    turn = outbox.claim("default")
    assert turn.task is not None
    assert free.id == turn.task.send.id
    assert [(held.id, SOON, "Later.")] == [(send.id, send.not_before, send.waiting_for) for send in turn.changed]
    assert outbox.get(held.id) == turn.changed[0]
    assert SOON == outbox.claim("default").again_at
    gate.verdicts.clear()
    clock.advance(600)
    assert (held.id, None) == ((send := claimed(outbox)).id, send.waiting_for)


def test_account_that_has_to_wait_is_not_looked_at_further(outbox: Outbox) -> None:
    """Only the first message gets the reason; the queue says until when nothing leaves."""
    outbox.guard(Scripted(_573001234567=until(10, account=True)))
    outbox.add("default", ANA, HOLA)
    behind = outbox.add("default", BETO, HOLA)
    turn = outbox.claim("default")
    assert (None, 1, SOON) == (turn.task, len(turn.changed), turn.again_at)
    assert behind == outbox.get(behind.id)


def test_refused_message_is_cancelled_with_the_reason(outbox: Outbox) -> None:
    """Also where it would have left at once; no later gate is asked."""
    last = Scripted()
    outbox.guard(Scripted(_573001234567=Refuse("Opted out.")), last)
    send, task = outbox.begin("default", ANA, HOLA)
    queued = outbox.add("default", ANA, HOLA)
    turn = outbox.claim("default")
    assert (None, None, [queued.id]) == (task, turn.task, [one.id for one in turn.changed])
    assert [(SendState.CANCELLED, "Opted out.")] * 2 == [(one.state, one.error) for one in map(outbox.get, (send.id, queued.id))]
    assert last.log == []


def test_message_given_back_is_not_counted(outbox: Outbox) -> None:
    """The session did not take it: the budget is as it was."""
    gate = Scripted()
    outbox.guard(gate)
    send, _ = outbox.begin("default", ANA, HOLA)
    outbox.settle(send.id, SendState.QUEUED)
    assert [f"spend {send.id}", f"refund {send.id}"] == gate.log


def test_message_that_waits_is_not_in_the_way(outbox: Outbox) -> None:
    """A planned campaign does not slow a person's own message down."""
    outbox.add("default", ANA, HOLA, terms=Terms(not_before=SOON))
    assert outbox.begin("default", BETO, HOLA)[1] is not None


def test_writing_inside_writing_is_one_transaction(outbox: Outbox) -> None:
    """All rows of a plan are queued, or none is."""

    def queue_two_and_fail() -> None:
        with outbox.writing():
            outbox.add("default", ANA, HOLA)
            outbox.add("default", BETO, HOLA)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        queue_two_and_fail()
    assert outbox.pending() == []


def test_looking_at_a_long_queue_reads_it_in_order(outbox: Outbox) -> None:
    """No claim sorts what waits: with 100,000 messages that would be the time of several sends."""
    with outbox.reading() as db:
        plan = [row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {_DUE}", {"account": "default", "now": 1, "limit": 100})]
    assert ["SEARCH send USING INDEX send_in_order (account=?)"] == plan


def test_queue_of_a_released_version_goes_on(workspace: Workspace, clock: ManualClock) -> None:
    """The last one had taken the tables of webhooks for its fourth step."""
    folder = resources.files("wakit.outbox")
    names = ["0001_texts.sql", "0002_any_content.sql", "0003_decisions.sql", "webhooks.sql"]
    old = open_database(workspace.outbox, [folder.joinpath(name).read_text("utf-8") for name in names])
    old.execute(
        "INSERT INTO send (id, account, recipient, content, type, state, body_hash, created_at, updated_at)"
        """ VALUES ('old', 'default', ?, '{"kind":"text","text":"hola"}', 'text', 'queued', x'00', 0, 0)""",
        (ANA,),
    )
    old.close()
    queue = Outbox(workspace.outbox, clock)
    try:
        assert ("old", None, 0) == ((send := claimed(queue)).id, send.not_before, send.priority)
    finally:
        queue.close()
