"""Which messages have a file, how it stands, and which are wanted: whatever came how often and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from stored import ANA, ANA_LID, LUIS, ME, START, at, entries, opened, said, table

from wakit.errors import InvalidInput, UnknownMedia
from wakit.model import Contact, Media, MediaState, MediaStatus, Message, MessageType
from wakit.paths import Workspace
from wakit.store import Store

HASH, OTHER = "ab" * 32, "cd" * 32
PAIR = Contact(account="default", jid=ANA, phone="+573001234567", lid=ANA_LID)
TYPES = [MessageType.IMAGE, MessageType.DOCUMENT]


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def sent(message_id: str, seconds: float = 0, **changes: Any) -> Message:
    """Return a picture of Ana's, unless *changes* say otherwise."""
    about = Media(size=1000, sha256=HASH, file_name="torta.jpg", width=4, height=3)
    values: dict[str, Any] = {"type": MessageType.IMAGE, "mimetype": "image/jpeg", "media": about, "ts": at(seconds)}
    return said(message_id, None, **values | changes)


def became(message_id: str, status: MediaStatus, **changes: Any) -> MediaState:
    """Return what became of a file of Ana's."""
    values: dict[str, Any] = {"account": "default", "chat": ANA, "sender": ANA, "ts": START}
    return MediaState(**values | {"message_id": message_id, "status": status} | changes)


def shown(store: Store) -> list[tuple[Any, ...]]:
    return table(store, "SELECT message_id, status, sha256, size, reason, path FROM media ORDER BY message_id")


def wanted(store: Store, *skip: str, since: float = -100, limit: int = 10) -> list[str]:
    return [one.message_id for one in store.media.wanted("default", TYPES, at(since), skip, limit)]


def test_the_view_says_what_was_announced_and_what_became_of_it(store: Store) -> None:
    """Names are the sender's, paths are ours; messages without a file are not in it."""
    store.drain("default", entries([sent("A"), said("T", "hola"), sent("B")]))
    stored = became("B", MediaStatus.STORED, size=900, sha256=OTHER)
    store.drain("default", entries([became("B", MediaStatus.PENDING, tries=1, reason="status 503"), stored], 10))
    assert [
        ("A", "pending", HASH, 1000, None, None),
        ("B", "stored", OTHER, 900, None, f"media/cd/{OTHER}"),
    ] == shown(store)
    query = "SELECT type, mimetype, file_name, width, height FROM media"
    assert [("image", "image/jpeg", "torta.jpg", 4, 3)] * 2 == table(store, query)


def test_a_message_that_comes_twice_has_one_file(store: Store) -> None:
    """Redelivered, from history, or under the other address of the same person: one row, and its state stays."""
    count = "SELECT count(*) FROM core.media"
    store.drain("default", entries([sent("A"), became("A", MediaStatus.EXPIRED, reason="status 410"), sent("A")]))
    store.drain("default", entries([sent("B", chat=ANA_LID), became("B", MediaStatus.FAILED, chat=ANA_LID, sender=ANA_LID)], 10))
    store.drain("default", entries([sent("B")], 20))
    assert [(3,)] == table(store, count)
    store.drain("default", entries([PAIR], 30))
    assert [(2,)] == table(store, count)
    assert [("A", "expired"), ("B", "failed")] == [row[:2] for row in shown(store)]


def test_own_messages_and_two_chats_with_one_id_are_kept_apart(store: Store) -> None:
    """An id belongs to its chat and its sender."""
    store.drain("default", entries([sent("A"), sent("A", chat=LUIS), sent("A", from_me=True, chat=LUIS, sender=ME)]))
    store.drain(
        "default", entries([became("A", MediaStatus.STORED, chat=LUIS, sender=ME, from_me=True, sha256=HASH, size=1)], 10)
    )
    query = "SELECT chat, from_me, status FROM media ORDER BY chat, from_me"
    assert [(ANA, False, "pending"), (LUIS, False, "pending"), (LUIS, True, "stored")] == table(store, query)


def test_the_newest_files_that_are_not_here_are_wanted(store: Store) -> None:
    """Of the types that were asked for, not too old, not those that are settled or are being looked at."""
    messages = [sent(name, seconds) for seconds, name in enumerate("ABCDE")]
    store.drain("default", entries([*messages, sent("V", 9, type=MessageType.VIDEO), said("T", "hola")]))
    states = [became("A", MediaStatus.PENDING, tries=2), became("B", MediaStatus.EXPIRED)]
    store.drain("default", entries(states, 50))
    assert ["E", "D", "C", "A"] == wanted(store)
    assert ["D", "C"] == wanted(store, "E", limit=2)
    assert ["E", "D"] == wanted(store, since=3)
    (found,) = store.media.wanted("default", TYPES, START - timedelta(days=1), {"B", "C", "D", "E"}, 1)
    assert (2, 1, HASH) == (found.tries, found.seq, found.announced_sha256)


def test_one_message_is_found_by_its_id_and_any_address_of_its_chat(store: Store) -> None:
    """Two with one id need the chat; none, or one without a file, is told as such."""
    store.drain("default", entries([sent("A"), sent("A", chat=LUIS), sent("B", chat=ANA_LID), said("T", "hola")]))
    store.drain("default", entries([PAIR], 10))
    assert LUIS == store.media.find("default", "A", LUIS).chat
    assert {ANA} == {store.media.find("default", "B", chat).chat for chat in (None, ANA, ANA_LID)}
    with pytest.raises(InvalidInput, match="2 messages have the id 'A'"):
        store.media.find("default", "A", None)
    for account, message_id, chat in (("default", "T", None), ("default", "A", ME), ("other", "A", None)):
        with pytest.raises(UnknownMedia):
            store.media.find(account, message_id, chat)
