from __future__ import annotations

import zlib
from collections.abc import Iterator

import pytest

from wakit.emulator.history import Chunk, GeneratedHistory, HistoryChat, HistoryMessage, chunks, sync_pb
from wakit.ids import JID

ANA = JID("573001234567", "s.whatsapp.net")
GROUP = JID("120363000000000001", "g.us")


def lid_of(digits: str, _name: str) -> JID:
    """Give every number a LID."""
    return JID(f"1{digits}", "lid")


def opened(chunk: Chunk):
    """Return the HistorySync inside a chunk."""
    return sync_pb.HistorySync.FromString(zlib.decompress(chunk.blob))


def chat(count: int) -> HistoryChat:
    """Return a chat with *count* messages, newest first."""
    messages = [HistoryMessage(id=f"M{number}", text=f"texto {number}", sent_at=2000 - number) for number in range(count)]
    return HistoryChat(jid=ANA, name="Ana", messages=messages, unread=2)


def test_history_same_seed_same_bytes() -> None:
    """A made-up history is a function of its seed."""
    first, again, other = ([chunk.blob for chunk in chunks(GeneratedHistory(5, 30, seed=seed), lid_of)] for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize(("chats", "each"), [(0, 0), (1, 1), (7, 13), (3, 250), (4, 50)])
def test_history_holds_every_message_once(chats: int, each: int) -> None:
    """No message is lost or doubled at the seams of chunks, and every chunk but the last is full."""
    made = list(chunks(GeneratedHistory(chats, each, seed=3), lid_of, messages_per_chunk=100))
    ids = [
        (conversation.ID, message.message.key.ID)
        for chunk in made
        for conversation in opened(chunk).conversations
        for message in conversation.messages
    ]
    assert chats * each == len(ids) == len(set(ids)) == sum(chunk.messages for chunk in made)
    assert [100] * (chats * each // 100) == [chunk.messages for chunk in made if chunk.messages == 100]
    assert all(conversation.messages for chunk in made for conversation in opened(chunk).conversations)


def test_history_chunks_are_numbered_and_typed() -> None:
    """The first chunk bootstraps, the following are recent ones, the last brings the names."""
    made = list(chunks(GeneratedHistory(3, 100, seed=3), lid_of, messages_per_chunk=100))
    kinds = sync_pb.HistorySync
    assert [1, 2, 3, 4] == [chunk.order for chunk in made]
    assert [kinds.INITIAL_BOOTSTRAP, kinds.RECENT, kinds.RECENT, kinds.PUSH_NAME] == [chunk.sync_type for chunk in made]
    assert sorted(chunk.progress for chunk in made) == [chunk.progress for chunk in made]
    assert 100 == made[-1].progress


def test_history_carries_addresses_names_and_times() -> None:
    """A chat is addressed by LID, with its number beside it; the chunk says how old its oldest message is."""
    blob, names = chunks([chat(3)], lid_of)
    conversation = opened(blob).conversations[0]
    assert ("1573001234567@lid", str(ANA), 2) == (conversation.ID, conversation.pnJID, conversation.unreadCount)
    assert ["texto 0", "texto 1", "texto 2"] == [message.message.message.conversation for message in conversation.messages]
    mapping = opened(blob).phoneNumberToLidMappings[0]
    assert (str(ANA), "1573001234567@lid") == (mapping.pnJID, mapping.lidJID)
    assert 1998 == blob.oldest
    assert [("1573001234567@lid", "Ana")] == [(one.ID, one.pushname) for one in opened(names).pushnames]


def test_history_group_messages_name_their_author() -> None:
    """In a group every message says who wrote it."""
    message = HistoryMessage(id="M", text="hola", sent_at=1, sender=ANA)
    blob, _ = chunks([HistoryChat(jid=GROUP, name="Vecinos", messages=[message])], lid_of)
    info = opened(blob).conversations[0].messages[0].message
    assert (str(GROUP), "1573001234567@lid") == (info.key.remoteJID, info.key.participant)


def test_history_is_streamed() -> None:
    """The first chunk is out before the second chat is even asked for."""

    def chats() -> Iterator[HistoryChat]:
        yield chat(11)
        raise AssertionError("the second chat was asked for too early")

    assert 10 == next(chunks(chats(), lid_of, messages_per_chunk=10)).messages
