"""What is known of which time: connections, gaps, histories and imports as intervals without overlap, by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from exports import write
from journaled import histories, journaled
from stored import ANA, ANA_LID, LUIS, START, at, entries, opened, said, table

from wakit.errors import UnknownChat
from wakit.importers.deliver import import_file
from wakit.model import Contact, Gap, HistoryRange, Record, SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.session.events import meaning
from wakit.session.journal import Journal
from wakit.store import Decoded, Store

#: Start, end, state, sources, cause; seconds of the shop's day.
Interval = tuple[float, float | None, str, str | None, str | None]


def state(seconds: float, name: str = "connected") -> SessionStatus:
    return SessionStatus(account="default", state=SessionState(name), since=at(seconds))


def gap(since: float, until: float, cause: str = "killed") -> Gap:
    return Gap(account="default", since=at(since), until=at(until), cause=cause)


def past(since: float, until: float, chat: str = ANA) -> HistoryRange:
    return HistoryRange(account="default", chat=chat, since=at(since), until=at(until), messages=1)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def coverage(store: Store, chat: str | None = None, account: str | None = "default") -> list[Interval]:
    return [
        (
            (row["since"] - START).total_seconds(),
            (row["until"] - START).total_seconds() if row["until"] else None,
            row["state"],
            row["sources"],
            row["cause"],
        )
        for row in store.coverage(account, chat).to_pylist()
    ]


LIVE = ("complete", "live", None)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # Never connected: nothing is known, not even since when.
        ([state(0, "qr")], []),
        ([state(1)], [(1, None, *LIVE)]),
        # Linked, and the phone tells its past: partial before, complete since.
        ([state(10), past(-100, 12)], [(-100, 10, "partial", "history", None), (10, None, *LIVE)]),
        # Parts of a history are one interval.
        ([state(10), past(-100, 12), past(-300, 14)], [(-300, 10, "partial", "history", None), (10, None, *LIVE)]),
        # An outage: nobody listened, and nothing of it came later.
        (
            [state(10), state(50, "reconnecting"), gap(50, 60, "offline"), state(60)],
            [(10, 50, *LIVE), (50, 60, "blind", None, "offline"), (60, None, *LIVE)],
        ),
        # WhatsApp kept a message of the outage and delivered it.
        (
            [state(10), gap(50, 60, "offline"), state(60), said(ts=at(55))],
            [(10, 50, *LIVE), (50, 60, "partial", "late", "offline"), (60, None, *LIVE)],
        ),
        # Outages over several hours: what came late was written in the midst of one, and at the end of the other.
        (
            [
                state(10),
                gap(3590, 7300),
                state(7300),
                gap(9000, 14500),
                state(14500),
                said(ts=at(5000)),
                said("M2", ts=at(14450)),
            ],
            [
                (10, 3590, *LIVE),
                (3590, 7300, "partial", "late", "killed"),
                (7300, 9000, *LIVE),
                (9000, 14500, "partial", "late", "killed"),
                (14500, None, *LIVE),
            ],
        ),
        # The message of the second in which the connection came back may have come in time.
        (
            [state(10), gap(50, 60.5), state(60.5), said(ts=at(60))],
            [(10, 50, *LIVE), (50, 60.5, "blind", None, "killed"), (60.5, None, *LIVE)],
        ),
        # Linked again after a while: the history of the new link reaches into the time between.
        (
            [state(10), state(50, "logged_out"), state(90), past(70, 91)],
            [
                (10, 50, *LIVE),
                (50, 70, "blind", None, "logged_out"),
                (70, 90, "partial", "history", "logged_out"),
                (90, None, *LIVE),
            ],
        ),
        # A history that ends before anybody listened leaves a hole.
        (
            [past(-100, -50), state(10)],
            [(-100, -50, "partial", "history", None), (-50, 10, "blind", None, None), (10, None, *LIVE)],
        ),
        # What a history says of a time that was listened to changes nothing.
        (
            [state(10), past(20, 30), gap(40, 41), state(41)],
            [(10, 40, *LIVE), (40, 41, "blind", None, "killed"), (41, None, *LIVE)],
        ),
        # Stopped: blind from then on.
        ([state(1), state(5, "stopped")], [(1, 5, *LIVE), (5, None, "blind", None, "stopped")]),
    ],
)
def test_the_account_as_a_whole(store: Store, records: Sequence[Record], expected: Sequence[Interval]) -> None:
    """Each way of knowing, and where they meet."""
    store.drain("default", entries(records))
    assert expected == coverage(store)


def test_each_chat_has_what_is_known_of_it(store: Store) -> None:
    """The history of one chat and the late message of another say nothing of the others; connections count for all."""
    records = [state(10), past(-100, 12), gap(50, 60), state(60), said("M1", ts=at(20)), said("M2", chat=LUIS, ts=at(55))]
    store.drain("default", entries(records))
    assert [
        (-100, 10, "partial", "history", None),
        (10, 50, *LIVE),
        (50, 60, "blind", None, "killed"),
        (60, None, *LIVE),
    ] == coverage(store, ANA)
    assert [(10, 50, *LIVE), (50, 60, "partial", "late", "killed"), (60, None, *LIVE)] == coverage(store, "+57 300 765 4321")
    with pytest.raises(UnknownChat, match=r"\+57 300 000 0000.*wa\.chats"):
        coverage(store, "+57 300 000 0000")


def test_a_person_with_two_addresses_is_one_chat(store: Store) -> None:
    """The history came under the LID and the export under the number: one line of time."""
    pair = Contact(account="default", jid=ANA, phone="+573001234567", lid=ANA_LID)
    store.drain("default", entries([state(10), past(-100, 12, ANA_LID), past(-300, -200), pair]))
    expected = [
        (-300, -200, "partial", "history", None),
        (-200, -100, "blind", None, None),
        (-100, 10, "partial", "history", None),
        (10, None, *LIVE),
    ]
    assert expected == coverage(store, ANA) == coverage(store, ANA_LID)


def test_an_import_covers_its_chat_until_it_is_undone(store: Store, tmp_path: Path) -> None:
    """First to last line, to the minute; a history over it is told beside it."""
    lines = "24/11/26, 09:50 - Ana: uno\n24/11/26, 09:52 - Ana: dos\n"
    store.drain("default", entries([state(60), past(-500, 61)]))
    done = import_file(store, write(tmp_path, lines), account="default", chat=ANA, tz="America/Bogota")
    assert [
        (-600, -500, "partial", "import", None),
        (-500, -420, "partial", "history+import", None),
        (-420, 60, "partial", "history", None),
        (60, None, *LIVE),
    ] == coverage(store, ANA)
    store.imports.undo(done.id)
    assert [(-500, 60, "partial", "history", None), (60, None, *LIVE)] == coverage(store, ANA)


def test_another_account_is_another_time(store: Store) -> None:
    """What one account heard says nothing of what another one missed."""
    store.drain("default", entries([state(1)]))
    store.drain("other", entries([SessionStatus(account="other", state=SessionState.CONNECTED, since=at(5))]))
    assert [(1, None, *LIVE)] == coverage(store)
    assert [(5, None, *LIVE)] == coverage(store, account="other")
    assert [(1, None, *LIVE), (5, None, *LIVE)] == coverage(store, account=None)
    assert [] == coverage(store, account="nobody")


def test_a_history_of_the_phone_says_how_far_it_goes_back(workspace: Workspace) -> None:
    """From the journal: each chat is covered from its oldest message until the phone told it, all of them in the view."""
    journaled(workspace, histories(3, 20))
    journal = Journal(workspace.journal_dir("default"))
    with opened(workspace, drain_batch=7) as store:
        found = journal.read(0, 100)
        store.drain("default", (Decoded(seq=one.seq, at=one.at, records=meaning("default", one)) for one in found))
        chats = table(store, "SELECT chat, min(ts), count(*) FROM messages GROUP BY chat ORDER BY chat")
        covered = table(
            store, "SELECT chat, since, until FROM coverage WHERE chat IS NOT NULL AND state = 'partial' ORDER BY chat"
        )
        told = table(store, "SELECT sum(messages)::INTEGER FROM core.history")
    journal.close()
    assert [(chat, oldest, START) for chat, oldest, _ in chats] == covered
    assert [(60,)] == told
    assert {20} == {count for _, _, count in chats}


def test_intervals_of_a_chat_touch_and_never_overlap(store: Store) -> None:
    """Half-open: each interval ends where the next one begins, and two neighbours differ."""
    records: list[Any] = [state(10), past(-100, 12), gap(20, 30), past(-200, -150, LUIS), gap(25, 40), said(ts=at(27))]
    store.drain("default", entries(records))
    rows = table(store, "SELECT chat, since, until, state, sources, cause FROM coverage ORDER BY chat, since")
    pairs = [(one, other) for one, other in itertools.pairwise(rows) if one[0] == other[0]]
    assert [] == [pair for pair in pairs if pair[0][2] != pair[1][1] or pair[0][3:] == pair[1][3:]]
    assert 3 == sum(row[2] is None for row in rows)
