"""
Talking: texts, replies, reactions, edits, deletions, polls, files, read receipts.

Earlier messages are named by their id alone; whether this phone wrote them and
who did otherwise is known here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.phone import contents, polls
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.media import File, Media
from wakit.emulator.phone.outgoing import Outgoing
from wakit.emulator.phone.records import Received
from wakit.errors import InvalidInput
from wakit.ids import JID
from wakit.proto import e2e_pb


class Chat:
    """Everything a person does in a chat."""

    def __init__(self, device: Device, outgoing: Outgoing, media: Media) -> None:
        self._device = device
        self._outgoing = outgoing
        self._media = media

    async def text(self, chat: JID, body: str, *, message_id: str | None = None) -> str:
        """Send a text; returns its id."""
        return await self._outgoing.send(chat, contents.text(body), message_id=message_id)

    async def file(self, chat: JID, file: File, *, message_id: str | None = None) -> str:
        """Upload and send a file; returns the message's id."""
        return await self._outgoing.send(chat, self._media.message(file), message_id=message_id)

    async def reply(self, chat: JID, message_id: str, body: str, *, reply_id: str | None = None) -> str:
        """Answer a message, quoting it."""
        sender, quoted = self._known(message_id)
        reply = contents.reply(body, quoted_id=message_id, quoted_sender=self._addressed(sender), quoted=quoted)
        return await self._outgoing.send(chat, reply, message_id=reply_id)

    async def react(self, chat: JID, message_id: str, emoji: str, *, reaction_id: str | None = None) -> str:
        """React to a message; an empty *emoji* takes the reaction back."""
        return await self._outgoing.send(chat, contents.reaction(self._key(chat, message_id), emoji), message_id=reaction_id)

    async def edit(self, chat: JID, message_id: str, body: str, *, edit_id: str | None = None) -> str:
        """Replace the text of an own message."""
        edited = contents.edit(self._key(chat, message_id), contents.text(body))
        return await self._outgoing.send(chat, edited, message_id=edit_id)

    async def revoke(self, chat: JID, message_id: str, *, revoke_id: str | None = None) -> str:
        """Delete a message for everyone."""
        return await self._outgoing.send(chat, contents.revoke(self._key(chat, message_id)), message_id=revoke_id)

    async def forward(self, message_id: str, chat: JID) -> str:
        """Send a copy of a message, marked as forwarded."""
        _, message = self._known(message_id)
        return await self._outgoing.send(chat, contents.forwarded(message))

    async def poll(self, chat: JID, question: str, options: Sequence[str], *, choices: int = 1) -> str:
        """Ask a question with fixed answers."""
        return await self._outgoing.send(chat, contents.poll(question, options, choices=choices))

    async def vote(self, chat: JID, poll_id: str, options: Sequence[str]) -> str:
        """Vote in a poll that this phone has seen."""
        asker, poll = self._known(poll_id)
        vote = polls.vote(
            self._key(chat, poll_id),
            poll.messageContextInfo.messageSecret,
            asker=self._addressed(asker),
            voter=self._device.lid,
            options=options,
        )
        return await self._outgoing.send(chat, vote)

    def read_vote(self, received: Received) -> list[str]:
        """Return what somebody chose in a poll that this phone has seen."""
        update = contents.unwrapped(received.message).pollUpdateMessage
        asker, poll = self._known(update.pollCreationMessageKey.ID)
        return polls.read_vote(update, poll, asker=self._addressed(asker), voter=self._addressed(received.sender))

    async def location(self, chat: JID, latitude: float, longitude: float, *, name: str = "", address: str = "") -> str:
        """Send a place on the map."""
        return await self._outgoing.send(chat, contents.location(latitude, longitude, name=name, address=address))

    async def contact_card(self, chat: JID, name: str, phone: str) -> str:
        """Send somebody's number (digits)."""
        return await self._outgoing.send(chat, contents.contact_card(name, phone))

    async def mark_read(self, messages: Sequence[Received], *, played: bool = False) -> None:
        """Send read (or played) receipts for received messages; one per chat and sender."""
        by_sender: dict[tuple[JID, JID], list[str]] = {}
        for message in messages:
            by_sender.setdefault((message.chat, message.sender.bare), []).append(message.id)
        for (chat, sender), ids in by_sender.items():
            await self._device.link.send(self._receipt(chat, sender, ids, "played" if played else "read"))

    def _receipt(self, chat: JID, sender: JID, ids: list[str], kind: str) -> Node:
        to = chat if chat.is_group else self._device.directory.lid(chat).bare
        attrs: Attrs = {"id": ids[0], "type": kind, "to": to, "t": int(time.time())}
        if chat.is_group:
            attrs["participant"] = self._device.directory.lid(sender).bare
        rest = [Node("item", {"id": one}) for one in ids[1:]]
        return Node("receipt", attrs, [Node("list", {}, list(rest))] if rest else None)

    def _known(self, message_id: str) -> tuple[JID, Any]:
        received = self._device.known.get(message_id)
        if received is not None:
            return received.sender, received.message
        sent = self._device.sent.get(message_id)
        if sent is not None:
            return self._device.lid, e2e_pb.Message.FromString(sent[1])
        msg = f"This phone has neither sent nor received a message {message_id!r}."
        raise InvalidInput(msg, message_id=message_id)

    def _key(self, chat: JID, message_id: str) -> Any:
        sender, _ = self._known(message_id)
        mine = self._device.is_own(sender)
        where = chat if chat.is_group else self._device.directory.lid(chat).bare
        return contents.key(where, message_id, from_me=mine, participant=None if mine else self._addressed(sender))

    def _addressed(self, person: JID) -> JID:
        return self._device.directory.lid(person).bare
