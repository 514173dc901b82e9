"""What the live stream tells is told once, before and after the drain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stored import ANA, ANA_LID, ME, entries, got, opened, said

from wakit.model import ReceiptState
from wakit.paths import Workspace
from wakit.store import Store


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def test_redelivered_message_is_not_new(store: Store) -> None:
    """The first entry owns the message, however often it is asked."""
    assert [True, True, False] == [store.is_new("default", seq, said()) for seq in (1, 1, 2)]


def test_answer_is_the_same_after_the_drain(store: Store) -> None:
    """A cursor that goes back is told the same as before."""
    store.is_new("default", 1, said())
    store.drain("default", entries([said(), said()]))
    assert [True, False, False] == [store.is_new("default", seq, said()) for seq in (1, 2, 3)]


def test_drained_message_is_not_new_when_nobody_listened_before(store: Store) -> None:
    """What the store has is old."""
    store.drain("default", entries([said()]))
    assert not store.is_new("default", 2, said())


def test_message_under_the_other_address_is_not_new(store: Store) -> None:
    """A LID and its number are one sender."""
    by_lid = said(chat=ANA_LID, sender_alt=ANA)
    store.drain("default", entries([by_lid]))
    assert not store.is_new("default", 2, said())
    assert not store.is_new("default", 3, said(chat=ANA, sender_alt=ANA_LID))


def test_accounts_do_not_share_messages(store: Store) -> None:
    """The same message in another account is new there."""
    store.is_new("default", 1, said())
    assert store.is_new("other", 9, said(account="other"))


def test_own_message_is_one_whatever_our_address(store: Store) -> None:
    """What we sent and what the phone tells of it is one message."""
    assert store.is_new("default", 1, said(from_me=True, sender=ME))
    assert not store.is_new("default", 2, said(from_me=True, sender="99@lid"))


def test_records_that_are_no_messages_are_always_new(store: Store) -> None:
    """Receipts repeat and harm nobody."""
    assert store.is_new("default", 1, got(ReceiptState.READ))
    assert store.is_new("default", 2, got(ReceiptState.READ))


def test_malformed_address_is_new(store: Store) -> None:
    """The stream does not stop at what the store will quarantine."""
    assert store.is_new("default", 1, said(chat="not an address", sender=ANA))


def test_asking_writes_nothing_down(store: Store) -> None:
    """A claim for an entry that a power cut takes away would hide the message for good."""
    store.is_new("default", 1, said())
    assert 0 == len(store._keys)


def test_memory_of_what_was_told_ends_with_the_drain(store: Store) -> None:
    """What the key set knows is not kept twice."""
    for seq in range(1, 6):
        store.is_new("default", seq, said(f"M{seq}"))
    store.drain("default", entries(said(f"M{seq}") for seq in range(1, 5)))
    assert 1 == len(store._live._told["default"])
