"""F25: wrong units, times without sense, clocks that jump: the store has sane instants, and marks what it does not believe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from journaled import heard, journaled, read_by
from stored import START, at, entries, opened, said, table

from wakit.model import Gap, SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.proto import neonize_pb
from wakit.session.events import meaning
from wakit.session.journal import Journal
from wakit.store import Decoded, Store

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

SECONDS, ARRIVED = int(START.timestamp()), at(60)
#: The last second that fits into 32 bits without a sign, and that instant in milliseconds.
YEAR_2106 = 2**32 - 1
BOGOTA, MADRID = ZoneInfo("America/Bogota"), ZoneInfo("Europe/Madrid")


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def stamped(units: int, arrived: datetime = START, number: int = 0) -> tuple[int, bytes, datetime]:
    """Return the journal row of a message whose time is the number *units*."""
    code, payload, _ = heard(number, "hola")
    event = neonize_pb.Message.FromString(payload)
    event.Info.Timestamp = units
    return code, event.SerializePartialToString(), arrived


def moved(store: Store, workspace: Workspace, *rows: tuple[int, bytes, datetime]) -> None:
    """Journal rows and move them into the store."""
    journaled(workspace, rows)
    journal = Journal(workspace.journal_dir("default"))
    try:
        found = journal.read(store.watermark("default"), 1000)
        store.drain("default", [Decoded(seq=one.seq, at=one.at, records=meaning("default", one)) for one in found])
    finally:
        journal.close()


@pytest.mark.parametrize(
    ("units", "ts", "suspect"),
    [
        (SECONDS * 1000, START, False),
        (SECONDS, START, True),
        (SECONDS * 1_000_000, ARRIVED, True),
        (0, ARRIVED, True),
        (-1, ARRIVED, True),
        (YEAR_2106, ARRIVED, True),
        (YEAR_2106 * 1000, ARRIVED, True),
        (2**63 - 1, ARRIVED, True),
        ((SECONDS + 23 * 3600) * 1000, START + timedelta(hours=23), False),
        ((SECONDS + 25 * 3600) * 1000, ARRIVED, True),
    ],
)
def test_F25_message_has_a_sane_time(store: Store, workspace: Workspace, units: int, ts: datetime, suspect: bool) -> None:
    """Milliseconds are believed up to a day ahead; everything else is read or replaced by the arrival, and marked."""
    moved(store, workspace, stamped(units, ARRIVED))
    assert table(store, "SELECT ts, clock_suspect FROM messages") == [(ts, suspect)]


@pytest.mark.parametrize(("units", "ts"), [(SECONDS, START), (SECONDS * 1000, START), (0, ARRIVED), (YEAR_2106, ARRIVED)])
def test_F25_receipt_has_a_sane_time(store: Store, workspace: Workspace, units: int, ts: datetime) -> None:
    """Receipts are in seconds; another unit or nonsense does not move a message to another century."""
    code, payload, _ = read_by(0, "M1")
    event = neonize_pb.Receipt.FromString(payload)
    event.Timestamp = units
    moved(store, workspace, (code, event.SerializePartialToString(), ARRIVED))
    assert table(store, "SELECT ts FROM receipts") == [(ts,)]


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1), timedelta(days=-365), timedelta(seconds=-2)])
def test_F25_jump_of_our_clock_loses_and_doubles_nothing(store: Store, workspace: Workspace, jump: timedelta) -> None:
    """What arrives after a jump is stored once, in a believable order, and so is what is delivered again."""
    before = [stamped((SECONDS + n) * 1000, at(n), n) for n in range(5)]
    after = [stamped((SECONDS + n) * 1000, at(n) + jump, n) for n in range(3, 10)]
    moved(store, workspace, *before, *after)
    found = table(store, "SELECT message_id, ts, clock_suspect FROM messages ORDER BY message_id")
    assert [message_id for message_id, *_ in found] == [f"3EB0{n:06}" for n in range(10)]
    believed = [(message_id, ts) for message_id, ts, suspect in found if not suspect]
    assert all(ts == at(int(message_id[-2:])) for message_id, ts in believed)
    assert len(believed) == (10 if jump > timedelta(days=-1) else 5)


def states(*steps: tuple[float, SessionState]) -> list[Any]:
    return [SessionStatus(account="default", state=state, since=at(seconds)) for seconds, state in steps]


@pytest.mark.parametrize("back", [3600, 86_400])
def test_F25_intervals_never_end_before_they_begin(store: Store, back: float) -> None:
    """A clock that goes back while the account is online makes no time that runs backwards and no lasting nonsense."""
    online, offline = SessionState.CONNECTED, SessionState.RECONNECTING
    story = states((0, online), (7200 - back, offline), (7201 - back, online), (9000, offline), (9600, online))
    gap = Gap(account="default", since=at(9000), until=at(9600), cause="killed")
    store.drain("default", entries([*story, gap]))
    intervals = table(store, "SELECT since, until, listening FROM intervals ORDER BY since")
    assert all(until is None or since < until for since, until, _ in intervals)
    assert intervals[-1] == (at(9600), None, True)
    assert (at(9000), at(9600), False) in intervals


@pytest.mark.parametrize(
    ("zone", "instants", "days"),
    [
        # Madrid leaves summer time: the hour from two to three comes twice.
        (
            MADRID,
            ["2026-10-24T22:30Z", "2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T22:59Z", "2026-10-25T23:00Z"],
            [4, 1],
        ),
        # and enters it: the hour from two to three does not come.
        (
            MADRID,
            ["2027-03-27T22:59Z", "2027-03-27T23:00Z", "2027-03-28T00:59Z", "2027-03-28T01:00Z", "2027-03-28T21:59Z"],
            [1, 4],
        ),
        (BOGOTA, ["2026-11-25T04:59Z", "2026-11-25T05:00Z"], [1, 1]),
    ],
)
def test_F25_days_are_those_of_the_account(workspace: Workspace, zone: ZoneInfo, instants: list[str], days: list[int]) -> None:
    """Instants are kept in UTC; a change of summer time neither loses nor doubles a message of the day."""
    told = [datetime.fromisoformat(instant).astimezone(UTC) for instant in instants]
    with opened(workspace, timezone=zone.key) as store:
        store.drain("default", entries([said(f"M{n}", ts=ts) for n, ts in enumerate(told)]))
        assert [sent for (sent,) in table(store, "SELECT received FROM chat_activity ORDER BY day")] == days
        assert [ts for (ts,) in table(store, "SELECT ts FROM messages ORDER BY ts")] == told
