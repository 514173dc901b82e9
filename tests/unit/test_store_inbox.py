"""Chats by what needs an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, ME, START, at, entries, got, opened, revoked, said

from wakit.model import MessageType, ReceiptState
from wakit.paths import Workspace
from wakit.store import Store

EVA = "573005551234@s.whatsapp.net"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Return an empty store."""
    with opened(workspace) as store:
        yield store


def chats(store: Store, *records: Any, since: Any = START - timedelta(days=1), **asked: Any) -> list[dict[str, Any]]:
    """Return the inbox once the store has these."""
    store.drain("default", entries(records))
    found: list[dict[str, Any]] = store.inbox(since=since, **asked).to_pylist()
    return found


def waits(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["chat"], row["waiting_since"], row["waiting"]) for row in rows]


def test_who_waits_longest_comes_first_and_then_who_wrote_last(store: Store) -> None:
    """A chat waits since the first message behind our last one, not since the newest."""
    rows = chats(
        store,
        said("A1", chat=ANA, ts=at(0)),
        said("A2", chat=ANA, from_me=True, ts=at(1)),
        said("A3", chat=ANA, ts=at(20)),
        said("A4", chat=ANA, ts=at(90)),
        said("L1", chat=LUIS, ts=at(10)),
        said("E1", chat=EVA, ts=at(5)),
        said("E2", chat=EVA, from_me=True, ts=at(100)),
        got(ReceiptState.READ, "E2", chat=EVA, recipient=EVA),
    )
    assert [(LUIS, at(10), 1), (ANA, at(20), 2), (EVA, None, 0)] == waits(rows)
    assert [("L1", None), ("A4", None), ("E2", "read")] == [(row["message_id"], row["state"]) for row in rows]


def test_answer_ends_the_waiting(store: Store) -> None:
    """What we write last leaves nobody waiting, and stands as the newest line."""
    (row,) = chats(store, said("A1"), said("A2", "Claro", from_me=True, ts=at(5)))
    assert (None, 0, "Claro", "sent") == (row["waiting_since"], row["waiting"], row["text"], row["state"])


@pytest.mark.parametrize("kind", [MessageType.SYSTEM, MessageType.CALL, MessageType.UNDECRYPTABLE])
def test_what_nobody_can_answer_does_not_wait(store: Store, kind: MessageType) -> None:
    """Neither is it the newest line of the chat."""
    (row,) = chats(store, said("A1", from_me=True), said("A2", type=kind, ts=at(5)))
    assert (None, "A1") == (row["waiting_since"], row["message_id"])


def test_what_was_taken_back_does_not_wait(store: Store) -> None:
    """The newest line says that it was taken back; the one before it still waits."""
    (row,) = chats(store, said("A1"), said("A2", ts=at(5)), revoked("A2", ts=at(6)))
    assert (START, 1, at(6)) == (row["waiting_since"], row["waiting"], row["revoked_at"])


def test_addresses_of_one_person_are_one_chat(store: Store) -> None:
    """An answer to the phone number answers what came from the LID."""
    rows = chats(
        store,
        said("A1", chat=ANA_LID, sender=ANA_LID, sender_alt=ANA),
        said("A2", chat=ANA, from_me=True, ts=at(5)),
    )
    assert [(ANA, None, 0)] == waits(rows)


def test_in_a_group_only_what_is_meant_for_us_waits(store: Store) -> None:
    """People talk to each other there; who answers us or mentions us wants an answer."""
    own = said("G1", chat=GROUP, sender=ME, from_me=True)
    talk = said("G2", chat=GROUP, sender=ANA, ts=at(1))
    assert [(GROUP, None, 0)] == waits(chats(store, own, talk))
    answer = said("G3", chat=GROUP, sender=ANA, ts=at(2), target_id="G1", target_sender=ME)
    mention = said("G4", chat=GROUP, sender=LUIS, ts=at(3), mentions=(ME,))
    store.drain("default", entries([answer, mention], first=10))
    assert [(GROUP, at(2), 2)] == waits(store.inbox(since=START).to_pylist())


def test_what_is_too_old_waits_no_longer(store: Store) -> None:
    """It is still listed, among those that do not wait."""
    rows = chats(store, said("A1", chat=ANA), said("L1", chat=LUIS, ts=at(60)), since=at(30))
    assert [(LUIS, at(60), 1), (ANA, None, 0)] == waits(rows)


def test_limit_and_account_choose(store: Store) -> None:
    """The first chats, and those of one account alone."""
    records = (said("A1", chat=ANA), said("L1", chat=LUIS, ts=at(60)))
    assert [ANA] == [row["chat"] for row in chats(store, *records, limit=1)]
    assert [] == store.inbox("other", since=START).to_pylist()
