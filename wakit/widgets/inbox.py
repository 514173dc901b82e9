"""The inbox in a cell: ``wa.inbox()`` has the chats by what needs an answer, the chosen one beside them, and where to answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol, cast

from wakit.client import Client
from wakit.client.pages import TimelinePage
from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.directory import Number
from wakit.errors import InvalidInput, NotOnWhatsApp, SessionError, UnknownChat, WakitError
from wakit.ids import DEFAULT_ACCOUNT, account_id, recipient
from wakit.languages import Language, language, speak, translate
from wakit.model import Event, EventKind, Message
from wakit.redact import hash_jid, mask_numbers
from wakit.widgets.bridge import Latest
from wakit.widgets.bubbles import LABELS, TONES, Bubbles, ticked
from wakit.widgets.composer_words import composer_texts
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.people import Row
from wakit.widgets.talk import Partner, Talk
from wakit.widgets.thread import Send, Talks
from wakit.widgets.thread_words import thread_texts

#: Seconds between two looks at all chats while messages come.
_LOOK = 0.5
#: Messages of a chat that are told to have been read, at most, when it is opened.
_READ = 50
#: Most characters of a chat's newest line; the browser shows one line of them.
_LINE = 120
#: Most characters of a number that is typed.
_TYPED = 64
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Desk(Partner, Protocol):
    """The part of the client that the inbox needs (``AsyncClient`` has it)."""

    async def waiting(self, *, account: str | None = None) -> Any: ...
    async def mark_read(self, chat: str, sender: str, message_ids: list[str], *, account: str) -> None: ...
    async def check_numbers(self, numbers: Any, *, account: str) -> list[Number]: ...


class Inbox(Talk):
    """The live side of one inbox: its thread is that of the chosen chat."""

    def __init__(
        self,
        account: str,
        opener: Callable[[bool], Awaitable[Desk]],
        send: Send,
        *,
        clock: Clock,
        bubbles: Bubbles,
        replies: tuple[str, ...] = (),
    ) -> None:
        super().__init__(account, opener, send, clock=clock, bubbles=bubbles)
        self._replies = replies
        self._looks: Latest[None] = Latest(lambda _: self._look_soon(), _LOOK)
        #: Until when the person has read each chat here: WhatsApp does not tell us of ourselves.
        self._read_until: dict[str, datetime] = {}
        self._chats: list[Row] = []

    async def greet(self) -> None:
        self._introduce()
        await super().greet()

    async def follow(self, client: Talks) -> None:
        self._last = None
        after = (await client.timeline(account=self._account, limit=1)).events
        await self.learn_people(client)
        desk = await self._desk()
        await self._composing.begin(desk)
        await self._list(desk)
        self._introduce()
        self._composing.greet()
        await self._page(client, everybody=True)
        async for event in client.events(after, account=self._account, kinds=self.kinds):
            self.well()
            self._last = event.id
            self._happened(event)

    async def do(self, command: str, message: dict[str, Any]) -> None:
        try:
            if command == "open":
                await self._open(str(message.get("value") or ""))
            elif command == "begin":
                await self._begin(str(message.get("value") or "")[:_TYPED])
            elif command == "read":
                await self._read(await self._desk())
            else:
                await super().do(command, message)
        except WakitError as exc:
            self.fail(exc)

    def end(self) -> None:
        super().end()
        self._looks.close()

    async def _desk(self) -> Desk:
        return cast("Desk", await self.attach(start=False))

    def _introduce(self) -> None:
        self.send({"t": "begin", "account": self._account, "replies": self._replies})
        self.send({"t": "chats", "chats": self._chats})

    # The chosen chat

    async def _open(self, chat: str) -> None:
        """Turn to a chat, or to none."""
        self.choice = replace(self.choice, chat=chat or None)
        for what_was_told in (self._fresh, self._typists, self._changed, self._unread):
            what_was_told.clear()
        desk = await self._desk()
        await self._page(desk, everybody=True)
        if chat:
            await self._read(desk)

    async def _begin(self, typed: str) -> None:
        """Turn to the chat of a number with which nobody has written yet."""
        desk, jid = await self._desk(), recipient(typed, country=settings().country)
        known = self._bubbles.people.shown(self._account, str(jid))
        if jid.is_phone and not self._bubbles.people.is_known(self._account, known):
            numbers = []
            with contextlib.suppress(SessionError):  # offline: it is told when the message is sent
                numbers = await desk.check_numbers([f"+{jid.user}"], account=self._account)
            if not all(number.on_whatsapp for number in numbers):
                raise NotOnWhatsApp(f"+{jid.user} has no WhatsApp account.")
        await self._open(known)

    async def _timeline(self, client: Talks, **place: Any) -> TimelinePage:
        return await super()._timeline(client, **place) if self.choice.chat is not None else TimelinePage()

    async def _read(self, desk: Desk) -> None:
        """Tell those who wait in the chosen chat that somebody has read what they wrote."""
        chat = self.choice.chat
        if chat is None:
            return
        waits = next((row["waiting"] for row in self._chats if row["chat"] == chat), 0)
        try:
            page = await desk.timeline(account=self._account, chat=chat, from_me=False, behind=self._last, limit=_READ)
        except UnknownChat:  # it was just begun
            return
        until = self._read_until.get(chat)
        fresh = [one for one in page if _written_at(one) > until] if until else page[max(0, len(page) - waits) :]
        self._read_until[chat] = max(map(_written_at, page), default=_LONG_AGO)
        senders: dict[str, list[str]] = {}
        for entry in fresh:
            senders.setdefault(entry["sender"], []).append(entry["message_id"])
        for sender, ids in senders.items():
            with contextlib.suppress(WakitError):  # offline: the phone tells it when somebody looks there
                await desk.mark_read(chat, sender, ids, account=self._account)
        self._looks.offer(None)

    def _happened(self, event: Event) -> None:
        if event.kind in {EventKind.MESSAGE, EventKind.RECEIPT}:
            self._looks.offer(None)
        super()._happened(event)

    def _came(self, message: Message) -> None:
        if self.choice.chat is not None:
            super()._came(message)
        else:
            self._bubbles.of_message(message)  # it may say which addresses are one person, and what they are called

    # All chats

    def _look_soon(self) -> None:
        self._start(self._look())

    async def _look(self) -> None:
        with contextlib.suppress(WakitError):  # the host is gone: whoever follows it next begins anew
            desk = await self._desk()
            await desk.timeline(account=self._account, behind=self._last, limit=1)  # what was told is stored then
            await self._list(desk)

    async def _list(self, desk: Desk) -> None:
        found = await desk.waiting(account=self._account)
        rows = await asyncio.to_thread(lambda: found.astype(object).where(found.notna(), None).to_dict("records"))
        self._chats = [self._row(row) for row in rows]
        self.send({"t": "chats", "chats": self._chats})

    def _row(self, entry: Row) -> Row:
        account, chat = entry["account"], entry["chat"]
        self._bubbles.people.call(account, chat, entry["name"])
        since, read = entry["waiting_since"], self._read_until.get(chat)
        is_read = read is not None and read >= entry["ts"].to_pydatetime()
        return {
            "chat": chat,
            "name": self._bubbles.name(account, chat),
            "tone": int(hash_jid(chat), 16) % TONES,
            "ts": round(entry["ts"].timestamp() * 1000),
            "since": round(since.timestamp() * 1000) if since is not None else None,
            "waiting": entry["waiting"],
            "unread": 0 if is_read else entry["waiting"],
            "line": self._line(entry),
            **ticked(entry["state"], self.lang),
        }

    def _line(self, entry: Row) -> str:
        label = translate(self.lang, LABELS.get(entry["type"], ""))
        text = " ".join(part for part in (label, entry["text"]) if part)
        if entry["revoked_at"] is not None:
            text = speak(self.lang, "This message was deleted")
        if self._bubbles.private:
            text = mask_numbers(text)
        if entry["is_group"] and not entry["from_me"]:
            text = f"{self._bubbles.name(entry['account'], entry['sender'], entry['sender_name'])}: {text}"
        return text[:_LINE]


def _written_at(entry: Row) -> datetime:
    return datetime.fromisoformat(entry["ts"])


class InboxWidget(Panel):
    """The chats of one account, one of them open."""

    _esm, _css = assets("thread", "threadpanel", "composer", "talkpanel", "inbox").values()
    kept = "WhatsApp inbox · run this cell to see it / ejecuta esta celda para verla"

    def __init__(self, account: str, open_client: Any, lang: Language, *, replies: tuple[str, ...], private: bool) -> None:
        super().__init__(lang, inbox_texts(lang))
        bubbles = Bubbles(lang=lang, private=private, names_chats=False)
        self.animate(Inbox(account, open_client, self.send, clock=SystemClock(), bubbles=bubbles, replies=replies))


def inbox(
    client: Client, *, account: str = DEFAULT_ACCOUNT, replies: Any = (), private: bool | None = None
) -> InboxWidget | Unattended:
    """
    Return the inbox, the same one each time for the same question; the cell displays it.

    Args:
        client: Of the workspace.
        account: Whose.
        replies: Texts to have at hand: a list, or a DataFrame with a column ``text`` (else its first one).
        private: Initials instead of names, masked numbers, no pictures; unset, as the client says.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidInput: *replies* are no texts.
    """
    account_id(account)
    texts = reply_texts(replies)
    if not is_attended():
        return Unattended(InboxWidget.kept)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace

    def make() -> InboxWidget:
        return InboxWidget(account, opener(workspace), lang, replies=texts, private=private)

    return only(("inbox", workspace.root, account, texts, lang, private), make)


def reply_texts(replies: Any) -> tuple[str, ...]:
    """
    Return the texts of a list or of a table.

    Raises:
        InvalidInput: They are none.
    """
    columns = getattr(replies, "columns", None)
    try:
        found = list(replies if columns is None else replies["text" if "text" in columns else columns[0]])
    except (TypeError, IndexError):
        found = [None]
    if isinstance(replies, str) or not all(isinstance(one, str) for one in found):
        raise InvalidInput("Quick replies are texts: give a list of them, or a DataFrame with a column 'text'.")
    return tuple(dict.fromkeys(text.strip() for text in found if text.strip()))


def inbox_texts(lang: Language) -> dict[str, str]:
    """Return the words of the inbox; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        **thread_texts(lang),
        **composer_texts(lang),
        "title": _("WhatsApp inbox"),
        "needs": _("Needs an answer"),
        "recent": _("Recent"),
        "find": _("Search a chat, or write a number"),
        "begin": _("Write to {number}"),
        "back": _("Back to the chats"),
        "choose": _("Choose a chat to read and answer it."),
        "no_chats": _("No chats here yet. When somebody writes to this account, their chat appears by itself."),
        "none_fits": _("No chat is called so."),
        "reply": _("Reply"),
        "unread": _("Not read: {count}"),
        "waits": _("Waits since {when}"),
        "now": _("now"),
        "you": _("You"),
        "empty": _("Nothing was written in this chat yet."),
    }
