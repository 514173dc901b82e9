"""Delivery and read lag against answers that were worked out by hand, and what the store gives for it."""

from __future__ import annotations

import pytest
from stored import ANA, GROUP, LUIS, ME, at, entries, got, opened, said, table
from worked import ZONE, Tables, seconds

from wakit.analytics.lag import arrivals, lags, message_arrivals, own_messages, waits
from wakit.analytics.periods import Period
from wakit.analytics.responses import survival
from wakit.analytics.scope import Scope
from wakit.model import ReceiptState, Source
from wakit.paths import Workspace

TEN = seconds("2026-11-03 10:00:00")
MINUTE = 60


def own(message_id: str, minute: int, **changes: object) -> dict[str, object]:
    row = {"account": "tienda", "chat": 10, "is_group": False, "message_id": message_id, "written": TEN + minute * MINUTE}
    return {**row, **changes}


def receipt(message_id: str, arrived: int, *, is_read: bool = False) -> dict[str, object]:
    return {"account": "tienda", "message_id": message_id, "arrived": arrived, "is_read": is_read}


#: A: delivered after 5 s, read after 65. B: delivered after 15, unread. C: read after 120, no receipt before. D: nothing.
#: E, in a group: the first of two phones after 10. F, to another chat on the next day: the other phone's clock is behind.
MESSAGES = [
    *(own("A", 0), own("B", 10), own("C", 20), own("D", 30)),
    own("E", 40, chat=90, is_group=True),
    own("F", 24 * 60, chat=20),
]
RECEIPTS = [
    *(receipt("A", TEN + 5), receipt("A", TEN + 65, is_read=True)),
    *(receipt("B", TEN + 615), receipt("B", TEN + 700)),
    receipt("C", TEN + 1320, is_read=True),
    *(receipt("E", TEN + 2430), receipt("E", TEN + 2410)),
    receipt("F", TEN + 24 * 60 * MINUTE - 3),
    receipt("of somebody else's", TEN + 3),
]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables((own_messages(), MESSAGES), (message_arrivals(), RECEIPTS))


def test_what_never_arrived_is_later_than_any(tables: Tables) -> None:
    """
    Of A to D: delivered after 5, 15, 120 s and never, whose middle is (15 + 120) / 2; the ninth of ten lies
    beyond, and so does the middle of those read after 65 and 120 s and never, and never.
    """
    first, second = tables.run(
        lags(arrivals(own_messages(), message_arrivals(), Scope()), by=Period.DAY, timezone=ZONE)
    ).itertuples()
    assert (first.n, first.delivered, first.read, first.delivered_p50) == (4, 3, 2, 67.5)
    assert first[-3] != first[-3]  # delivered_p90: not a number
    assert first.read_p50 != first.read_p50
    assert (second.n, second.delivered_p50) == (1, 0)


def test_in_a_group_the_first_phone_counts(tables: Tables) -> None:
    """E was on one phone after ten seconds and on another after thirty."""
    found = arrivals(own_messages(), message_arrivals(), Scope(is_group=True))
    [row] = tables.run(lags(found, by=None, timezone=ZONE)).itertuples()
    assert (row.n, row.delivered_p50) == (1, 10)


def test_the_curve_counts_unread_messages_for_as_long_as_they_waited(tables: Tables) -> None:
    """
    By hand, at eleven: four wait; 3/4 are left after 65 s and 2/4 after 120 s; D leaves at half an hour
    and B at fifty minutes, both unread.
    """
    found = arrivals(own_messages(), message_arrivals(), Scope(until=TEN + 60 * MINUTE))
    curve = tables.run(survival(waits(found, "read", now=TEN + 60 * MINUTE)))
    assert list(curve.seconds) == [65, 120, 30 * MINUTE, 50 * MINUTE]
    assert list(curve.share) == pytest.approx([3 / 4, 2 / 4, 2 / 4, 2 / 4])


def test_a_span_of_time_has_the_receipts_of_its_messages(tables: Tables) -> None:
    """From ten past ten until half past: B and C, with what arrived for them later."""
    found = arrivals(own_messages(), message_arrivals(), Scope(since=TEN + 600, until=TEN + 1800))
    [row] = tables.run(lags(found, by=None, timezone=ZONE)).itertuples()
    assert (row.n, row.delivered, row.read) == (2, 2, 1)


def test_the_store_knows_of_which_messages_receipts_can_be_known(workspace: Workspace) -> None:
    """Those that left before its eyes: not what came with the phone's history, nor what others wrote, nor notes to oneself."""
    with opened(workspace) as store:
        records = [
            said("LIVE", from_me=True),
            said("OLD", from_me=True, source=Source.HISTORY),
            said("THEIRS"),
            said("NOTE", from_me=True, chat=ME),
            said("GROUP", from_me=True, chat=GROUP),
            got(ReceiptState.DELIVERED, "LIVE", ts=at(4)),
            got(ReceiptState.READ, "LIVE", ts=at(9)),
            got(ReceiptState.DELIVERED, "GROUP", chat=GROUP, recipient=LUIS, ts=at(2)),
            got(ReceiptState.READ, "GROUP", chat=GROUP, recipient=ME, ts=at(1)),
            got(ReceiptState.OTHER, "LIVE", recipient=ANA, ts=at(1)),
        ]
        store.drain("default", entries(records))
        written = table(store, "SELECT message_id, is_group FROM own_messages ORDER BY ALL")
        arrived = table(store, "SELECT message_id, is_read, arrived % 60 FROM message_arrivals ORDER BY ALL")
    assert written == [("GROUP", True), ("LIVE", False)]
    assert arrived == [("GROUP", False, 2), ("LIVE", False, 4), ("LIVE", True, 9)]
