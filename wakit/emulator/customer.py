"""One customer of a shop: does what the script says, and answers when written to."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from wakit.emulator import clips, phrases
from wakit.emulator.phone.handset import Handset
from wakit.emulator.phone.media import File
from wakit.emulator.phone.records import Received
from wakit.emulator.script import Action, Step
from wakit.ids import JID
from wakit.model import MessageType

#: How often a customer answers in a day: a shop whose robot answers everything must come to rest.
_PATIENCE = 3
#: Seconds until a customer answers, at the speed of the clock.
_THINKING = (3.0, 25.0)
#: A message to the group is with the other members long before.
_SIGHT_SECONDS = 10.0
_TYPES = {
    Action.TEXT: MessageType.TEXT,
    Action.PHOTO: MessageType.IMAGE,
    Action.VOICE: MessageType.VOICE,
    Action.EDIT: MessageType.EDIT,
    Action.DELETE: MessageType.REVOKE,
    Action.REPLY: MessageType.TEXT,
    Action.REACT: MessageType.REACTION,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One message that a customer sent."""

    id: str
    #: Who sent it, as a phone-number address.
    customer: JID
    #: The business, or the neighbours' group.
    chat: JID
    type: MessageType
    text: str
    #: The message that it edits, deletes, quotes or reacts to.
    target_id: str | None = None
    #: Not of the script: said because the business wrote.
    is_answer: bool = False


class Customer:
    """A person with a phone, on the network's loop."""

    def __init__(self, handset: Handset, business: JID, group: JID, *, seed: str, record: Callable[[Said], None]) -> None:
        self._handset = handset
        self._business = business
        self._group = group
        self._chance = random.Random(seed)  # noqa: S311 - made-up answers, no secrets
        self._record = record
        self._patience = _PATIENCE

    async def perform(self, step: Step) -> None:
        """Do one step of the script."""
        chat, talk, about = self._group if step.in_group else self._business, self._handset.chat, step.about or ""
        if about:
            await self._handset.device.until_known(about, _SIGHT_SECONDS)
        match step.action:
            case Action.TEXT:
                await talk.text(chat, step.text, message_id=step.id)
            case Action.PHOTO:
                await talk.file(chat, File(kind="image", data=_photo(step), caption=step.text), message_id=step.id)
            case Action.VOICE:
                await talk.file(chat, _voice(step), message_id=step.id)
            case Action.EDIT:
                await talk.edit(chat, about, step.text, edit_id=step.id)
            case Action.DELETE:
                await talk.revoke(chat, about, revoke_id=step.id)
            case Action.REPLY:
                await talk.reply(chat, about, step.text, reply_id=step.id)
            case Action.REACT:
                await talk.react(chat, about, step.text, reaction_id=step.id)
        self._said(step.id, chat, _TYPES[step.action], step.text, step.about)

    async def hear(self, received: Received, *, speed: float) -> None:
        """Read what the business wrote and answer it, as long as patience lasts."""
        if received.chat != self._business or received.from_me or received.type is MessageType.REACTION:
            return
        await self._handset.chat.mark_read([received])
        if self._patience == 0:
            return
        self._patience -= 1
        if speed:
            await self._handset.profile.typing(self._business, on=True)
            await asyncio.sleep(self._chance.uniform(*_THINKING) / speed)
        await self._answer(received)

    async def _answer(self, received: Received) -> None:
        talk = self._handset.chat
        if self._chance.random() < 1 / 4:
            emoji = self._chance.choice(phrases.REACTIONS)
            message_id = await talk.react(self._business, received.id, emoji)
            self._said(message_id, self._business, MessageType.REACTION, emoji, received.id, is_answer=True)
            return
        words = self._chance.choice(phrases.FOLLOW_UPS if self._patience else phrases.THANKS)
        message_id = await talk.text(self._business, words)
        self._said(message_id, self._business, MessageType.TEXT, words, None, is_answer=True)

    def _said(
        self, message_id: str, chat: JID, kind: MessageType, text: str, target: str | None, *, is_answer: bool = False
    ) -> None:
        said = Said(
            id=message_id,
            customer=self._handset.device.pn,
            chat=chat,
            type=kind,
            text=text,
            target_id=target,
            is_answer=is_answer,
        )
        self._record(said)


def _photo(step: Step) -> bytes:
    return clips.photo(int(step.id[:4], 16))


def _voice(step: Step) -> File:
    seconds = 2 + int(step.id[:2], 16) % 8
    return File(kind="voice", data=clips.voice_note(seconds), seconds=seconds)
