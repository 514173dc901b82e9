"""What the kernel's side of a list of messages tells its views; the host is scripted, time is real but short."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from wakit.client.pages import TimelinePage
from wakit.clock import SystemClock
from wakit.model import Event, EventKind, MediaFile, Message, MessageType
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.thread import Choice, Thread

PATIENCE = 5.0
ANA, GROUP = "573009876543@s.whatsapp.net", "120363000000000001@g.us"
AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def entry(number: int, text: str = "hola", **other: Any) -> dict[str, Any]:
    """Return a message as the timeline has it."""
    there = {"account": "default", "chat": ANA, "chat_name": "Ana", "is_group": False, "sender": ANA, "sender_name": "Ana"}
    said = {"message_id": f"M{number}", "ts": AT.isoformat(), "from_me": False, "type": "text", "text": text, "forwarded": False}
    became = {"edited_at": None, "revoked_at": None, "reactions": [], "quoted": None, "state": None, "media": None}
    return {**there, **said, **became, "cursor": f"1:{number}:0", **other}


def message(number: int, text: str = "hola", **other: Any) -> dict[str, Any]:
    """Return a message as an event has it."""
    there = {"account": "default", "chat": ANA, "sender": ANA, "push_name": "Ana", "message_id": f"M{number}", "ts": AT}
    return Message(**{**there, "text": text, **other}).to_json()


class ScriptedHost:
    """A host that has some messages, and tells what a test says."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = list(entries)
        self.asked: list[dict[str, Any]] = []
        self.followed_from: list[str | None] = []
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._count = 0

    async def open(self, _start: bool) -> ScriptedHost:
        return self

    async def timeline(self, **chosen: Any) -> TimelinePage:
        self.asked.append(chosen)
        ids = chosen.get("ids")
        page = TimelinePage(one for one in self.entries if not ids or one["message_id"] in ids)
        page.events = "default:7"
        return page

    async def events(self, after: str | None = None, **_chosen: Any) -> AsyncIterator[Event]:
        self.followed_from.append(after)
        while True:
            yield await self._events.get()

    async def contacts(self) -> pd.DataFrame:
        return pd.DataFrame([{"account": "default", "jid": ANA, "lid": None, "name": "Ana"}])

    async def chats(self) -> pd.DataFrame:
        return pd.DataFrame([{"account": "default", "chat": ANA, "name": "Ana"}])

    async def media(self, message: Any, **_place: Any) -> MediaFile:
        raise AssertionError(message)

    async def close(self) -> None:
        pass

    def tell(self, kind: EventKind, data: dict[str, Any]) -> None:
        self._count += 1
        self._events.put_nowait(Event(id=f"default:{7 + self._count}", account="default", kind=kind, at=AT, data=data))


class View:
    """What a page would have heard."""

    def __init__(self, host: ScriptedHost, choice: Choice, *, private: bool = False) -> None:
        self.host = host
        self.heard: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        bubbles = Bubbles(lang="es", private=private)
        self.thread = Thread(host.open, self.hear, clock=SystemClock(), bubbles=bubbles, choice=choice)

    def hear(self, message: dict[str, Any], _buffers: list[bytes] | None = None) -> None:
        self.heard.append(message)
        self._news.set()

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["t"] == kind]

    def rows(self, kind: str = "rows") -> list[dict[str, Any]]:
        return [row for message in self.told(kind) for row in message["rows"]]

    async def until(self, holds: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def view(*entries: dict[str, Any], private: bool = False, **chosen: Any) -> AsyncIterator[View]:
    """Run a thread, from its first page to the end of the block."""
    made = View(ScriptedHost(*entries), Choice(**chosen), private=private)
    running = asyncio.create_task(made.thread.run())
    try:
        await made.until(lambda: made.host.followed_from)
        yield made
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def test_events_follow_where_the_page_ends() -> None:
    """The events begin with what the page may lack, so that nothing falls between the two."""

    async def scene() -> None:
        async with view(entry(1, "antes")) as page:
            assert [row["text"] for row in page.rows("page")] == ["antes"]
            assert page.host.followed_from == ["default:7"]
            page.host.tell(EventKind.MESSAGE, message(2, "ahora"))
            await page.until(lambda: page.rows())
            assert [row["text"] for row in page.rows()] == ["ahora"]

    asyncio.run(scene())


def test_a_burst_is_told_in_few_batches() -> None:
    """Hundreds of messages and of people who type at once are a handful of messages to the browser, in their order."""

    async def scene() -> None:
        async with view() as page:
            for number in range(300):
                page.host.tell(EventKind.MESSAGE, message(number, str(number)))
                source = {"Chat": ANA, "Sender": f"5730000{number:05}@s.whatsapp.net"}
                page.host.tell(EventKind.TYPING, {"fields": {"MessageSource": source, "State": "COMPOSING"}})
            await page.until(lambda: len(page.rows()) == 300)
            assert [row["text"] for row in page.rows()] == [str(number) for number in range(300)]
            await page.until(lambda: sum(len(told["typists"]) for told in page.told("typing")) == 300)
            assert len(page.told("rows")) + len(page.told("typing")) <= 20

    asyncio.run(scene())


def test_what_is_told_of_a_message_makes_it_be_asked_for_again() -> None:
    """A reaction is shown as the host has it, once it is stored: the page waits for the event that told of it."""

    async def scene() -> None:
        reaction = {"reaction": "👍", "people": [{"sender": ANA, "sender_name": "Ana"}]}
        async with view(entry(1)) as page:
            page.host.entries = [entry(1, reactions=[reaction]), entry(2)]
            page.host.tell(EventKind.MESSAGE, message(9, "👍", type=MessageType.REACTION, target_id="M1"))
            await page.until(lambda: page.told("changed"))
            (changed,) = page.rows("changed")
            assert changed["reactions"] == [{"reaction": "👍", "people": ["Ana"]}]
            assert (page.host.asked[-1]["ids"], page.host.asked[-1]["behind"]) == (["M1"], "default:8")
            assert not page.rows()

    asyncio.run(scene())


def test_a_message_that_became_readable_replaces_its_placeholder() -> None:
    """What views have as unreadable is asked for again when it comes as what it is."""

    async def scene() -> None:
        async with view(entry(1, None, type="undecryptable")) as page:
            page.host.entries = [entry(1, "por fin")]
            page.host.tell(EventKind.MESSAGE, message(1, "por fin"))
            await page.until(lambda: page.told("changed"))
            assert [row["text"] for row in page.rows("changed")] == ["por fin"]

    asyncio.run(scene())


def test_only_what_was_chosen_is_told() -> None:
    """A filter gives a page of its own, and from then on messages that do not fit it are not told."""

    async def scene() -> None:
        async with view() as page:
            await page.thread.handle({"t": "choose", "value": {"words": " CAFÉ ", "is_group": True}})
            await page.until(lambda: len(page.told("page")) == 2)
            assert (page.host.asked[-1]["words"], page.host.asked[-1]["is_group"]) == ("CAFÉ", True)
            for number, (chat, text) in enumerate([(ANA, "un cafe"), (GROUP, "un té"), (GROUP, "un cafe")]):
                page.host.tell(EventKind.MESSAGE, message(number, text, chat=chat))
            await page.until(lambda: page.rows())
            assert [row["key"] for row in page.rows()] == [f"default/{GROUP}/M2"]

    asyncio.run(scene())


def test_a_page_beside_a_row_knows_what_was_told() -> None:
    """Who scrolls down to the present gets what was told meanwhile, stored or about to be."""

    async def scene() -> None:
        async with view(entry(1)) as page:
            page.host.tell(EventKind.MESSAGE, message(2))
            await page.until(lambda: page.rows())
            place = {"key": f"default/{ANA}/M1", "cursor": "1:1:0"}
            await page.thread.handle({"t": "newer", "value": place, "view": "v1"})
            (answer,) = page.told("newer")
            assert (answer["view"], answer["present"]) == ("v1", True)
            assert (page.host.asked[-1]["after"], page.host.asked[-1]["behind"]) == ("1:1:0", "default:8")

    asyncio.run(scene())


def test_nonsense_from_a_view_is_an_error_in_the_widget() -> None:
    """A place that is none is told to the person, and the thread goes on."""

    async def scene() -> None:
        async with view() as page:
            await page.thread.handle({"t": "more", "value": "<script>"})
            assert page.told("problem")
            page.host.tell(EventKind.MESSAGE, message(1))
            await page.until(lambda: page.rows())

    asyncio.run(scene())


def test_private_rows_name_nobody() -> None:
    """Neither names nor numbers of people are in what a private thread tells, whether stored or just told."""

    async def scene() -> None:
        async with view(entry(1, "Llama al +57 300 987 6543"), private=True) as page:
            page.host.tell(EventKind.MESSAGE, message(2, "Soy yo: 3009876543", chat=GROUP))
            await page.until(lambda: page.rows())
            shown = [row[part] for row in page.rows("page") + page.rows() for part in ("name", "chat_name", "text")]
            assert "A." in shown
            assert not [text for text in shown if text and ("Ana" in text or "987" in text)]

    asyncio.run(scene())


def test_one_chat_of_many_is_chosen_and_left_again() -> None:
    """A feed turns to one chat and back to all; what has one chat only stays there whatever a view asks for."""

    async def scene() -> None:
        async with view() as page:
            await page.thread.handle({"t": "choose", "value": {"chat": GROUP}})
            await page.until(lambda: len(page.told("page")) == 2)
            assert page.told("page")[-1]["choice"]["chat"] == GROUP
            await page.thread.handle({"t": "choose", "value": {}})
            await page.until(lambda: len(page.told("page")) == 3)
            assert page.told("page")[-1]["choice"]["chat"] is None
        async with view(account="default", chat=ANA) as page:
            await page.thread.handle({"t": "choose", "value": {"chat": GROUP, "words": "x"}})
            await page.until(lambda: len(page.told("page")) == 2)
            assert page.told("page")[-1]["choice"]["chat"] == ANA

    asyncio.run(scene())
