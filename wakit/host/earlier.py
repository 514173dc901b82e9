"""
The earlier message that an outgoing one answers or changes: found, and found to be changeable.

It is looked up twice: when somebody asks, so that a wrong id is refused at once, and when
the message leaves, because an edit that waited in the queue for an hour would be ignored
by everybody's app while it counts as sent here.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import NotChangeable, UnknownMessage
from wakit.host.journals import Journals
from wakit.model import Message, MessageType
from wakit.outgoing import Edit, Said
from wakit.store import Store

#: Seconds that a message which was only just told may take to reach the store.
_DRAIN_SECONDS = 3.0


class Earlier:
    """Finds messages by their id."""

    def __init__(self, store: Store, journals: Journals, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._journals = journals
        self._settings = settings
        self._clock = clock

    async def find(self, account: str, chat: str, content: Said) -> Message | None:
        """
        Return the message that *content* is about, or ``None`` where it is about none.

        Raises:
            UnknownMessage: The chat has no such message.
            NotChangeable: It is not ours, too old, of another kind, or gone.
        """
        if content.about is None:
            return None
        found = await self._look_up(account, chat, content.about)
        if found is None:
            # without the chat: notebooks keep what is raised
            msg = f"That chat has no message {content.about[:64]!r}. Take the id from wa.messages(chat=…)."
            raise UnknownMessage(msg, message_id=content.about[:64], chat=chat)
        message, revoked = found
        why = self._objection(content, message, revoked)
        if why:
            raise NotChangeable(f"The message {message.message_id} {why}.", message_id=message.message_id, chat=chat)
        return message

    async def _look_up(self, account: str, chat: str, message_id: str) -> tuple[Message, bool] | None:
        found = await asyncio.to_thread(self._store.message, account, chat, message_id)
        if found is None:
            # Looked up again whatever was waited for: the move to the store may have ended in between.
            await self._caught_up(account)
            found = await asyncio.to_thread(self._store.message, account, chat, message_id)
        return found

    async def _caught_up(self, account: str) -> None:
        """Wait until the store has what the journal has now."""
        last = self._journals.get(account).last_seq
        deadline = self._clock.monotonic() + _DRAIN_SECONDS
        while await asyncio.to_thread(self._store.watermark, account) < last and self._clock.monotonic() < deadline:
            await self._clock.sleep(self._settings.drain_every / 4)

    def _objection(self, content: Said, message: Message, revoked: bool) -> str | None:
        if revoked:
            return "was deleted"
        if content.own_only and not message.from_me:
            return "is not ours: only its author can change it"
        if isinstance(content, Edit) and message.type is not MessageType.TEXT:
            return f"is of the type {message.type}: only texts can be edited"
        if content.window is not None and self._clock.now() - message.ts > content.window:
            return f"is too old: WhatsApp takes this change for {_spelled(content.window)} only"
        return None


def _spelled(window: timedelta) -> str:
    hours, minutes = divmod(int(window.total_seconds()) // 60, 60)
    return f"{hours} hours" if hours else f"{minutes} minutes"
