"""F11: edits, revokes and reactions before their message, out of order, of what is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import ANA, GROUP, LUIS, at, edited, entries, opened, reacted, revoked, said, table

from wakit.model import Message, MessageType
from wakit.paths import Workspace
from wakit.store import Store

pytestmark = pytest.mark.faults

#: One chat's story: two messages with edits, one taken back after an edit, reactions that change.
STORY = [
    said("M1", "uno", ts=at(1)),
    said("M2", "dos", ts=at(2)),
    said("M3", None, ts=at(3), type=MessageType.IMAGE, mimetype="image/jpeg"),
    edited("M1", "uno!", ts=at(4)),
    edited("M1", "uno!!", ts=at(5)),
    edited("M2", "dos!", ts=at(6)),
    revoked("M2", ts=at(7)),
    reacted("M1", "👍", ts=at(8)),
    reacted("M1", "❤️", ts=at(9)),
    reacted("M3", "😂", ts=at(8)),
    reacted("M3", "", ts=at(9)),
    said("V1", "Sí", type=MessageType.POLL_VOTE, target_id="P1", ts=at(9)),
    said("M4", "tres", chat=GROUP, sender=LUIS, ts=at(10)),
    edited("M4", "no es mío", chat=GROUP, sender=ANA, ts=at(11)),
    revoked("M4", chat=GROUP, sender=ANA, target_sender=LUIS, ts=at(12)),
]
TOLD = [
    ("M1", "uno!!", at(5), None),
    ("M2", "dos!", at(6), at(7)),
    ("M3", None, None, None),
    ("M4", "tres", None, at(12)),
]


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STORY), cut=st.integers(0, len(STORY)), again=st.lists(st.sampled_from(STORY), max_size=4))
def test_F11_any_order_tells_the_same_story(store: Store, order: list[Message], cut: int, again: list[Message]) -> None:
    """Whatever the order, the cuts between batches and the repetitions, the views are the same."""
    account = f"a{store.accounts().num_rows}"
    found = entries(one.with_(account=account) for one in [*order, *again])
    store.drain(account, found[:cut])
    store.drain(account, found[cut:])
    messages = "SELECT message_id, text, edited_at, revoked_at FROM messages WHERE account = ? ORDER BY 1"
    assert TOLD == table(store, messages, [account])
    assert [("M1", ANA, "❤️")] == table(store, "SELECT message_id, sender, reaction FROM reactions WHERE account = ?", [account])
    assert [("V1", "P1", "Sí")] == table(
        store, "SELECT message_id, target_id, text FROM changes WHERE kind = 'poll_vote' AND account = ?", [account]
    )


def test_F11_changes_of_a_message_that_never_came_are_kept(store: Store) -> None:
    """An edit of an unknown message is no message, and nothing is lost."""
    store.drain("default", entries([edited("M9", "x"), revoked("M9"), reacted("M9", "👍")]))
    assert 0 == store.messages().num_rows
    assert [("edit",), ("reaction",), ("revoke",)] == table(store, "SELECT kind::VARCHAR FROM changes ORDER BY 1")


def test_F11_edits_of_one_instant_have_one_winner(store: Store) -> None:
    """Equal times are decided by the id, so every rebuild decides the same."""
    edits = [edited("M1", text, ts=at(5)) for text in ("b", "a", "c")]
    store.drain("default", entries([said("M1"), *edits]))
    assert ["c"] == store.messages()["text"].to_pylist()
