"""
The kernel's side of a list of messages: pages on request, what happens as it happens.

A message that is told goes to the browser at once; everything else that is told of
a message (a reaction, an edit, a tick, its file) makes that message be asked for
again, so that there is one place that knows how a message stands, and that is the
host. Nothing is kept here: a view that is opened asks for its page. What happens is
sent ten times a second at most, because comms lose what comes faster.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol
from unicodedata import category, normalize

from wakit.client.pages import TimelinePage
from wakit.clock import Clock
from wakit.errors import InvalidInput, UnknownChat, WakitError
from wakit.languages import speak
from wakit.model import Event, EventKind, MediaFile, Message, MessageType
from wakit.widgets import thumbnails
from wakit.widgets.bridge import Latest
from wakit.widgets.bubbles import CHANGES, Bubbles, unlock
from wakit.widgets.live import Live
from wakit.widgets.people import Row
from wakit.widgets.words import error_text

#: Messages of one page.
PAGE = 60
#: Seconds between two batches of what happens, and before a changed message is asked for again.
BATCH, AGAIN = 0.1, 0.25
#: Most messages that are asked for again at a time; the host takes no more.
_MOST = 200
#: Most characters of what somebody looks for.
_WORDS = 200
#: Most bytes of a file that is handed to the page; a kernel passes it on as one message.
_LARGEST = 64 * 2**20
#: What a thread is told of.
KINDS = (EventKind.MESSAGE, EventKind.RECEIPT, EventKind.MEDIA, EventKind.TYPING)


class Talks(Protocol):
    """The part of the client that a thread needs (``AsyncClient`` has it)."""

    async def timeline(self, **chosen: Any) -> TimelinePage: ...
    def events(self, after: str | None = None, *, account: str | None = None, kinds: Any = ()) -> AsyncIterator[Event]:
        """Yield what happens behind *after*."""

    async def contacts(self) -> Any: ...
    async def chats(self) -> Any: ...
    async def media(self, message: Any, *, account: str | None = None, chat: str | None = None) -> MediaFile: ...
    async def close(self) -> None: ...


class Send(Protocol):
    """Hands a message to all views of a widget."""

    def __call__(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which messages a thread has."""

    account: str | None = None
    chat: str | None = None
    pattern: str | None = None
    is_group: bool | None = None
    from_me: bool | None = None
    words: str | None = None

    def has(self, row: Row) -> bool:
        """Return whether the row of a message that was just told belongs to it."""
        return (
            (self.chat is None or row["chat"] == self.chat)
            and (self.pattern is None or fnmatchcase(row["chat"], self.pattern))
            and (self.is_group is None or row["chat"].endswith("@g.us") is self.is_group)
            and (self.from_me is None or row["mine"] is self.from_me)
            and (self.words is None or _folded(self.words) in _folded(row["text"] or ""))
        )


class Thread(Live[Talks]):
    """The live side of one list of messages."""

    #: What it is told of.
    kinds: ClassVar[tuple[EventKind, ...]] = KINDS

    def __init__(
        self, opener: Callable[[bool], Awaitable[Talks]], send: Send, *, clock: Clock, bubbles: Bubbles, choice: Choice
    ) -> None:
        super().__init__(opener, send, clock=clock, lang=bubbles.lang)
        self.choice = self._whole = choice
        self._tell = send
        self._bubbles = bubbles
        self._is_introduced = False
        self._last: str | None = None
        self._fresh: dict[str, Row] = {}
        self._typists: dict[str, Row] = {}
        self._changed: set[str] = set()
        self._unread: set[str] = set()
        self._batches: Latest[None] = Latest(lambda _: self._flush(), BATCH)
        self._work: set[asyncio.Task[None]] = set()
        self._again: asyncio.Task[None] | None = None

    async def greet(self) -> None:
        if self.is_following:
            await self._page(await self.attach(start=False), everybody=False)

    async def follow(self, client: Talks) -> None:
        await self.learn_people(client)
        if self.choice.chat is not None and self.choice.account is not None:
            self.choice = replace(self.choice, chat=self._bubbles.people.shown(self.choice.account, self.choice.chat))
        self._last = None
        page = await self._page(client, everybody=True)
        await self.begin(client)
        async for event in client.events(page.events, account=self.choice.account, kinds=self.kinds):
            self.well()
            self._last = event.id
            self._happened(event)

    async def learn_people(self, client: Talks) -> None:
        """Learn who is who, once for each host that was found."""
        if not self._is_introduced:
            contacts, chats = await client.contacts(), await client.chats()
            self._bubbles.people.learn(contacts.to_dict("records"), chats.to_dict("records"))
            self._is_introduced = True

    async def begin(self, client: Talks) -> None:
        """Learn what the widget shows beside messages; what happens from before this on is told behind it."""

    async def do(self, command: str, message: dict[str, Any]) -> None:
        asked = {"more": self._more, "newer": self._newer, "jump": self._jump, "media": self._media}.get(command)
        try:
            if asked is not None:
                await asked(await self.attach(start=False), message)
            elif command == "choose":
                self._choose(message.get("value"))
        except WakitError as exc:
            self.fail(exc)

    def lost(self) -> None:
        self._is_introduced = False
        self.send({"t": "lost"})

    def fail(self, exc: BaseException) -> None:
        self.send({"t": "problem", "text": error_text(exc, self.lang)})

    def end(self) -> None:
        self._batches.close()
        for task in self._work:
            task.cancel()

    # What a view asks for

    async def _page(self, client: Talks, *, everybody: bool) -> TimelinePage:
        """Send the newest messages: to everybody, or to views that wait for them."""
        page = await self._timeline(client, behind=self._last)
        choice, begins = asdict(self.choice), len(page) < PAGE
        if self.choice.chat is not None and self.choice.account is not None:
            self.send({"t": "who", **self._bubbles.of_chat(self.choice.account, self.choice.chat)})
        self.send({"t": "page", "everybody": everybody, "rows": self._rows(page), "begins": begins, "choice": choice})
        return page

    async def _more(self, client: Talks, message: dict[str, Any]) -> None:
        page = await self._timeline(client, before=await self._place(client, message))
        self._answer(message, "older", page, begins=len(page) < PAGE)

    async def _newer(self, client: Talks, message: dict[str, Any]) -> None:
        page = await self._timeline(client, after=await self._place(client, message), behind=self._last)
        self._answer(message, "newer", page, present=len(page) < PAGE)

    async def _jump(self, client: Talks, message: dict[str, Any]) -> None:
        key = str(message.get("value", ""))
        page = await self._timeline(client, around=unlock(key)[2], behind=self._last)
        if page:
            self._answer(message, "there", page, lit=key)

    def _choose(self, asked: object) -> None:
        if isinstance(asked, dict):
            words = str(asked.get("words") or "").strip()[:_WORDS] or None
            chat = self._whole.chat or str(asked.get("chat") or "")[:_WORDS] or None
            is_group, from_me = _maybe(asked, "is_group"), _maybe(asked, "from_me")
            choice = replace(self.choice, chat=chat, words=words, is_group=is_group, from_me=from_me)
            if choice != self.choice:
                self.choice = choice
                self._fresh.clear()  # chosen by what was asked for before
                self.start_following()

    async def _media(self, client: Talks, message: dict[str, Any]) -> None:
        key = str(message.get("value", ""))
        account, chat, message_id = unlock(key)
        answer = {"t": "media", "view": message.get("view"), "key": key, "whole": bool(message.get("whole"))}
        try:
            file = await client.media(message_id, account=account, chat=chat)
            if answer["whole"] and file.size > _LARGEST:
                problem = speak(self.lang, "That file is too large for this page. It is stored here: {path}", path=file.path)
                self._tell({**answer, "problem": problem})
                return
            picture = await asyncio.to_thread(file.read if answer["whole"] else lambda: thumbnails.thumbnail(file))
        except (WakitError, OSError) as exc:
            self._tell({**answer, "problem": error_text(exc, self.lang)})
        else:
            mime = thumbnails.harmless(file.mimetype) if answer["whole"] else thumbnails.MIMETYPE
            self._tell({**answer, "mime": mime, "name": file.file_name or message_id}, [picture])

    async def _place(self, client: Talks, message: dict[str, Any]) -> str | None:
        """Return the cursor of a row; one that was told and never fetched has none yet."""
        asked = message.get("value")
        if not isinstance(asked, dict):
            raise InvalidInput("A view asked for a page beside no message. Reload the page.")
        if asked.get("cursor"):
            return str(asked["cursor"])
        found = await self._timeline(client, ids=[unlock(str(asked.get("key", "")))[2]], behind=self._last)
        return found[0]["cursor"] if found else None

    async def _timeline(self, client: Talks, **place: Any) -> TimelinePage:
        try:
            return await client.timeline(**asdict(self.choice), **{"limit": PAGE, **place})
        except UnknownChat:  # somebody to whom nobody has written yet
            page = TimelinePage()
            page.events = (await client.timeline(account=self.choice.account, limit=1)).events
            return page

    def _rows(self, page: TimelinePage) -> list[Row]:
        rows = [self._bubbles.of_timeline(entry) for entry in page]
        self._unread.update(row["key"] for row in rows if row["type"] == MessageType.UNDECRYPTABLE)
        return rows

    def _answer(self, message: dict[str, Any], kind: str, page: TimelinePage, **more: Any) -> None:
        self.send({"t": kind, "view": message.get("view"), "rows": self._rows(page), **more})

    # What happens

    def _happened(self, event: Event) -> None:
        if event.kind is EventKind.TYPING:
            self._types(event)
        elif event.kind is EventKind.MESSAGE and "type" in event.data and event.data["type"] not in CHANGES:
            self._came(Message.from_json(event.data))
        else:
            data = event.data
            changed = data.get("message_ids") or [data.get("target_id") or data.get("message_id")]
            self._changed.update(str(one) for one in changed if one)
        if self._changed and self._again is None:
            self._again = self._start(self._ask_again())

    def _came(self, message: Message) -> None:
        row = self._bubbles.of_message(message)
        if self.choice.has(row):
            self._fresh[row["key"]] = row
            self._batches.offer(None)
            if message.target_id or self._is_readable_now(row) or not self._bubbles.people.is_known(message.account, row["chat"]):
                self._changed.add(message.message_id)

    def _is_readable_now(self, row: Row) -> bool:
        """Return whether a message that views have as a placeholder came again as what it is."""
        if row["type"] == MessageType.UNDECRYPTABLE:
            self._unread.add(row["key"])
            return False
        was_unread = row["key"] in self._unread
        self._unread.discard(row["key"])
        return was_unread

    def _types(self, event: Event) -> None:
        told = self._bubbles.of_typing(event)
        if told is not None and self.choice.has({"mine": False, "text": self.choice.words, **told}):
            self._typists[told["who"]] = told
            self._batches.offer(None)

    def _flush(self) -> None:
        fresh, self._fresh = list(self._fresh.values()), {}
        typists, self._typists = list(self._typists.values()), {}
        if typists:
            self.send({"t": "typing", "typists": typists})
        if fresh:
            self.send({"t": "rows", "rows": fresh})

    async def _ask_again(self) -> None:
        """Fetch the messages of which something was told, a moment later: what is told often comes in bursts."""
        try:
            while self._changed:
                await asyncio.sleep(AGAIN)
                ids = [self._changed.pop() for _ in range(min(_MOST, len(self._changed)))]
                client = await self.attach(start=False)
                page = await self._timeline(client, ids=ids, behind=self._last, limit=_MOST)
                if page:
                    self.send({"t": "changed", "rows": self._rows(page)})
        except WakitError:
            self._changed.clear()  # the host is gone: whoever follows it next begins with a new page
        finally:
            self._again = None

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._work.add(task)
        task.add_done_callback(self._worked)
        return task

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._work.discard(task)
        if not task.cancelled() and (exc := task.exception()) is not None:
            self.fail(exc)


def _maybe(asked: dict[str, Any], name: str) -> bool | None:
    value = asked.get(name)
    return None if value is None else bool(value)


def _folded(text: str) -> str:
    return "".join(letter for letter in normalize("NFD", text.lower()) if category(letter) != "Mn")
