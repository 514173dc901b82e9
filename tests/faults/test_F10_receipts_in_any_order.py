"""F10: receipts before their message, in the wrong order, for unknown ids, of unknown types."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from stored import ANA, GROUP, LUIS, at, entries, got, opened, said, table

from wakit.model import Receipt, ReceiptState
from wakit.paths import Workspace
from wakit.store import Store

pytestmark = pytest.mark.faults

DELIVERED = got(ReceiptState.DELIVERED, ts=at(2))
READ = got(ReceiptState.READ, ts=at(5))
PLAYED = got(ReceiptState.PLAYED, ts=at(7))


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


@pytest.mark.parametrize("order", list(itertools.permutations([DELIVERED, READ, PLAYED])))
def test_F10_state_only_moves_forward(store: Store, order: tuple[Receipt, ...]) -> None:
    """Whatever comes first, played is played, and each time is its own."""
    store.drain("default", entries([*order, said(from_me=True)]))
    assert [("played", at(2), at(5), at(7))] == table(store, "SELECT state, delivered_at, read_at, played_at FROM deliveries")


def test_F10_read_without_delivered_is_both(store: Store) -> None:
    """Who read it has it."""
    store.drain("default", entries([READ]))
    assert [("read", at(5), at(5), None)] == table(store, "SELECT state, delivered_at, read_at, played_at FROM deliveries")


def test_F10_receipt_waits_for_its_message(store: Store) -> None:
    """A receipt of an unknown message is kept, and is the message's when that comes."""
    store.drain("default", entries([READ]))
    assert 1 == store.receipts().num_rows
    store.drain("default", entries([said(from_me=True)], first=2))
    joined = "SELECT state FROM messages JOIN deliveries USING (account, chat, message_id)"
    assert [("read",)] == table(store, joined)


@pytest.mark.parametrize("raw_type", ["SERVER_ERROR", "retry", "something new"])
def test_F10_receipt_of_another_kind_is_kept_and_moves_nothing(store: Store, raw_type: str) -> None:
    """Unknown types are stored as they came, and the next record is handled."""
    store.drain("default", entries([got(ReceiptState.OTHER, raw_type=raw_type), DELIVERED]))
    assert [raw_type, "DELIVERED"] == store.receipts()["raw_type"].to_pylist()
    assert [("delivered",)] == table(store, "SELECT state FROM deliveries")


def test_F10_each_member_of_a_group_has_a_state(store: Store) -> None:
    """One message, many recipients."""
    one = got(ReceiptState.READ, chat=GROUP, recipient=ANA)
    store.drain("default", entries([one, got(ReceiptState.DELIVERED, chat=GROUP, recipient=LUIS)]))
    assert [(ANA, "read"), (LUIS, "delivered")] == table(store, "SELECT recipient, state FROM deliveries ORDER BY recipient")
