"""
History: the chats from before a companion was linked, as the blobs it downloads.

Chats go in one after the other and come out as compressed chunks, so that a
history of any size never exists as a whole. Made-up histories are functions of
a seed: the same seed gives the same chats, ids and times, byte for byte.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import length_hint
from typing import Any

from wakit.emulator.people import person
from wakit.emulator.phrases import CUSTOMER_TEXTS, SHOP_TEXTS
from wakit.ids import JID
from wakit.proto import load

sync_pb = load("waHistorySync.WAWebProtobufsHistorySync_pb2")
web_pb = load("waWeb.WAWebProtobufsWeb_pb2")

#: A chunk of this many messages is some 300 kB compressed, like those of a phone.
MESSAGES_PER_CHUNK = 5000
#: Made-up histories end here, whenever they are made: 2026-09-01 12:00 UTC.
END_OF_HISTORY = 1_788_264_000
#: Blobs are written once and read once on the same machine; speed counts more than size.
_COMPRESSION = 1
_READ = web_pb.WebMessageInfo.READ
_OWN_SHARE = 0.4

#: Takes a phone number (digits) and a name, returns the LID of that person.
Register = Callable[[str, str], JID]


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryMessage:
    """One message of a chat's past."""

    id: str
    text: str
    #: Unix seconds.
    sent_at: int
    from_me: bool = False
    #: Phone-number address of the author in a group.
    sender: JID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryChat:
    """A chat and its past, newest message first as a phone sends it."""

    #: A person's phone-number address, or a group.
    jid: JID
    name: str
    messages: Iterable[HistoryMessage]
    unread: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """One blob of a history."""

    #: Value of HistorySyncType.
    sync_type: int
    #: Counts from 1.
    order: int
    #: Percent.
    progress: int
    #: How many messages are inside.
    messages: int
    #: Unix seconds of the oldest message inside; 0 where there is none.
    oldest: int
    blob: bytes


def chunks(chats: Iterable[HistoryChat], register: Register, *, messages_per_chunk: int = MESSAGES_PER_CHUNK) -> Iterator[Chunk]:
    """
    Yield a history as its blobs: the first to bootstrap, then the rest, then everybody's names.

    Args:
        chats: Read once, lazily.
        register: Gives each person of the history a LID.
        messages_per_chunk: A chat with more is continued in the next chunk.
    """
    builder = _Builder(register, messages_per_chunk, length_hint(chats, 0))
    for chat in chats:
        yield from builder.add(chat)
    yield builder.close(progress=100)
    yield builder.names()


class _Builder:
    def __init__(self, register: Register, limit: int, expected: int) -> None:
        self._register = register
        self._limit = limit
        self._expected = expected
        self._chats = 0
        self._order = 0
        self._names: dict[str, str] = {}
        self._lids: dict[JID, JID] = {}
        self._reset()

    def _reset(self) -> None:
        self._sync = sync_pb.HistorySync()
        self._count = 0
        self._oldest = 0

    def add(self, chat: HistoryChat) -> Iterator[Chunk]:
        """Take a chat in; yields the chunks that it fills."""
        self._chats += 1
        address = str(self._lid(chat.jid, chat.name))
        add: Callable[[], Any] | None = None
        for message in chat.messages:
            if self._count >= self._limit:
                yield self.close(progress=min(99, 100 * self._chats // max(self._expected, self._chats + 1)))
                add = None
            add = add or self._open(chat, address)
            self._count += 1
            self._oldest = message.sent_at if not self._oldest else min(self._oldest, message.sent_at)
            self._write(add().message, address, message)
        if add is None:
            self._open(chat, address)

    def close(self, *, progress: int) -> Chunk:
        """Return what was taken in since the last chunk as the next one."""
        self._order += 1
        kinds = sync_pb.HistorySync
        chunk = self._chunk(kinds.INITIAL_BOOTSTRAP if self._order == 1 else kinds.RECENT, progress)
        self._reset()
        return chunk

    def names(self) -> Chunk:
        """Return the blob with everybody's names."""
        self._order += 1
        self._sync.pushnames.extend(sync_pb.Pushname(ID=address, pushname=name) for address, name in self._names.items())
        return self._chunk(sync_pb.HistorySync.PUSH_NAME, 100)

    def _chunk(self, kind: int, progress: int) -> Chunk:
        sync = self._sync
        sync.syncType, sync.chunkOrder, sync.progress = kind, self._order, progress
        blob = zlib.compress(sync.SerializeToString(), _COMPRESSION)
        return Chunk(sync_type=kind, order=self._order, progress=progress, messages=self._count, oldest=self._oldest, blob=blob)

    def _open(self, chat: HistoryChat, address: str) -> Callable[[], Any]:
        conversation = self._sync.conversations.add(ID=address, name=chat.name, unreadCount=chat.unread)
        if not chat.jid.is_group:
            conversation.pnJID, conversation.lidJID = str(chat.jid), address
            self._sync.phoneNumberToLidMappings.add(pnJID=str(chat.jid), lidJID=address)
        add: Callable[[], Any] = conversation.messages.add
        return add

    def _write(self, info: Any, address: str, message: HistoryMessage) -> None:
        key = info.key
        key.remoteJID, key.fromMe, key.ID = address, message.from_me, message.id
        info.message.conversation = message.text
        info.messageTimestamp = message.sent_at
        info.status = _READ
        if message.sender is not None:
            key.participant = info.participant = str(self._lid(message.sender, ""))

    def _lid(self, jid: JID, name: str) -> JID:
        if jid.is_group or jid.is_lid:
            return jid
        if jid not in self._lids:
            self._lids[jid] = self._register(jid.user, name)
        if name:
            self._names[str(self._lids[jid])] = name
        return self._lids[jid]


class GeneratedHistory:
    """A made-up past of a shop: so many customers, so many messages with each."""

    def __init__(self, chats: int, messages_per_chat: int, *, seed: int) -> None:
        self._chats = chats
        self._messages = messages_per_chat
        self._seed = seed

    def __length_hint__(self) -> int:
        return self._chats

    def __iter__(self) -> Iterator[HistoryChat]:
        for number in range(self._chats):
            customer = person(self._seed, number)
            chance = random.Random(f"history-{self._seed}-{number}")  # noqa: S311 - made-up chats, not secrets
            unread = chance.choice((0, 0, 0, 1, 3))
            yield HistoryChat(jid=customer.jid, name=customer.name, messages=self._past(chance, number), unread=unread)

    def _past(self, chance: random.Random, chat: int) -> Iterator[HistoryMessage]:
        sent_at = END_OF_HISTORY - chat * 60
        prefix = f"{chance.getrandbits(64):016X}"
        for number in range(self._messages):
            sent_at -= 30 + int(chance.random() * 7200)
            from_me = chance.random() < _OWN_SHARE
            texts = SHOP_TEXTS if from_me else CUSTOMER_TEXTS
            text = texts[int(chance.random() * len(texts))]
            yield HistoryMessage(id=f"{prefix}{number:016X}", text=text, sent_at=sent_at, from_me=from_me)
