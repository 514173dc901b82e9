"""F09: the same event once, twice, a hundred times; old messages once more in a history sync."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stored import ANA, GROUP, LUIS, at, edited, entries, got, opened, reacted, said, table

from wakit.model import ReceiptState, Source
from wakit.paths import Workspace
from wakit.store import Store

pytestmark = pytest.mark.faults


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


@pytest.mark.parametrize("times", [1, 2, 100])
@pytest.mark.parametrize("batch", ["one entry", "one batch", "a batch each"])
def test_F09_event_that_comes_again_is_one_row(store: Store, times: int, batch: str) -> None:
    """Message, edit, reaction and receipt: one row each, and the counters are right."""
    event = [said("M1"), edited("M1", "hola!"), reacted("M1", "👍"), got(ReceiptState.READ, "M1", "M2")]
    found = entries([event * times]) if batch == "one entry" else entries([event] * times)
    for part in [[entry] for entry in found] if batch == "a batch each" else [found]:
        store.drain("default", part)
    assert [(1, 2, 2)] == table(
        store, "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM changes), (SELECT count(*) FROM receipts)"
    )
    assert [(1, 1)] == table(store, "SELECT messages, received FROM conversations")


def test_F09_history_sync_adds_only_what_is_new(store: Store) -> None:
    """What was heard live is not stored again when the phone tells its history."""
    store.drain("default", entries([said("M1"), said("M2")]))
    history = [said(f"M{n}", source=Source.HISTORY, ts=at(n)) for n in range(5)]
    store.drain("default", entries([history], first=3))
    assert [("M0", "history"), ("M1", "live"), ("M2", "live"), ("M3", "history"), ("M4", "history")] == table(
        store, "SELECT message_id, source FROM messages ORDER BY message_id"
    )


def test_F09_same_id_in_two_chats_is_two_messages(store: Store) -> None:
    """An id is only unique within its chat."""
    store.drain("default", entries([said("M1", "a"), said("M1", "b", chat=LUIS)]))
    assert {"a", "b"} == set(store.messages()["text"].to_pylist())


def test_F09_same_id_from_two_senders_is_two_messages(store: Store) -> None:
    """Nobody can hide a message of another member behind its id."""
    both = [said("M1", "a", chat=GROUP, sender=ANA), said("M1", "b", chat=GROUP, sender=LUIS)]
    store.drain("default", entries([*both, edited("M1", "b!", chat=GROUP, sender=LUIS)]))
    assert {"a", "b!"} == set(store.messages()["text"].to_pylist())


def test_F09_same_id_from_both_sides_is_two_messages(store: Store) -> None:
    """Ours and theirs are told apart."""
    store.drain("default", entries([said("M1", "theirs"), said("M1", "ours", from_me=True)]))
    assert {"theirs", "ours"} == set(store.messages()["text"].to_pylist())
