"""How the inbox follows all chats and the chosen one; the host is scripted, time is real but short."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, ME

from wakit.client.pages import TimelinePage
from wakit.clock import SystemClock
from wakit.directory import Number
from wakit.errors import InvalidInput, UnknownChat
from wakit.model import Event, EventKind, Message, Send, SessionState, SessionStatus
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.inbox import Inbox, reply_texts
from wakit.widgets.people import People

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
PATIENCE = 5.0


def entry(
    chat: str, message_id: str, seconds: int, *, text: str = "hola", mine: bool = False, waiting: int = 0
) -> dict[str, Any]:
    """Return a message of the timeline, which is as well the newest one of a chat that waits."""
    ts = START + timedelta(seconds=seconds)
    about = {
        "account": "default",
        "chat": chat,
        "chat_name": "Ana",
        "sender": chat,
        "sender_name": "Ana",
        "message_id": message_id,
    }
    about |= {"from_me": mine, "is_group": False, "type": "text", "text": text, "edited_at": None, "revoked_at": None}
    about |= {"ts": ts.isoformat(), "forwarded": False, "reactions": [], "quoted": None, "media": None, "cursor": f"{seconds}"}
    return about | {
        "state": "sent" if mine else None,
        "name": "Ana",
        "waiting": waiting,
        "waiting_since": ts if waiting else None,
    }


class Host:
    """A host whose chats and events are in the hands of the test."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = list(entries)
        self.events_: asyncio.Queue[Event] = asyncio.Queue()
        self.read: list[tuple[str, str, list[str]]] = []
        #: Numbers without WhatsApp.
        self.unknown: set[str] = set()

    async def open(self, start: bool) -> Host:
        assert not start
        return self

    async def timeline(self, *, chat: str | None = None, from_me: bool | None = None, ids: Any = None, **_: Any) -> TimelinePage:
        fits = [one for one in self.entries if chat in {None, one["chat"]} and from_me in {None, one["from_me"]}]
        if chat is not None and chat not in {one["chat"] for one in self.entries}:
            raise UnknownChat(chat)
        page = TimelinePage(one for one in fits if not ids or one["message_id"] in ids)
        page.events = "1"
        return page

    async def waiting(self, *, account: str | None = None) -> pd.DataFrame:
        newest = {one["chat"]: one for one in self.entries}
        frame = pd.DataFrame(list(newest.values()))
        return frame.assign(ts=pd.to_datetime(frame["ts"]), waiting_since=pd.to_datetime(frame["waiting_since"]))

    async def events(self, after: str | None = None, **_: Any) -> AsyncIterator[Event]:
        assert after == "1"
        while True:
            yield await self.events_.get()

    async def mark_read(self, chat: str, sender: str, message_ids: list[str], *, account: str) -> None:
        self.read.append((chat, sender, message_ids))

    async def check_numbers(self, numbers: list[str], *, account: str) -> list[Number]:
        return [Number(number=one, on_whatsapp=one not in self.unknown, jid=None) for one in numbers]

    async def contacts(self) -> pd.DataFrame:
        return pd.DataFrame(columns=["account", "jid", "name", "lid"])

    async def chats(self) -> pd.DataFrame:
        return pd.DataFrame(columns=["account", "chat", "name"])

    async def pending(self, *, account: str | None = None) -> list[Send]:
        return []

    async def status(self, account: str) -> SessionStatus:
        return SessionStatus(account=account, state=SessionState.CONNECTED, since=START)

    async def close(self) -> None:
        pass

    def arrives(self, one: dict[str, Any], **told: Any) -> None:
        """Store a message and tell it, with what is told otherwise than it is stored."""
        self.entries.append(one)
        ts = datetime.fromisoformat(one["ts"])
        about = {"chat": one["chat"], "sender": one["chat"], "from_me": one["from_me"], **told}
        message = Message(account="default", message_id=one["message_id"], text=one["text"], ts=ts, **about)
        self.events_.put_nowait(Event(id="2", account="default", kind=EventKind.MESSAGE, at=ts, data=message.to_json()))


class Page:
    """What a page would have heard."""

    def __init__(self, host: Host) -> None:
        self.heard: list[dict[str, Any]] = []
        self.inbox = Inbox("default", host.open, self.hear, clock=SystemClock(), bubbles=Bubbles(lang="es", names_chats=False))  # type: ignore[arg-type]

    def hear(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        assert buffers is None
        self.heard.append(message)

    async def say(self, command: str, value: str = "") -> None:
        await self.inbox.handle({"t": command, "value": value})

    async def until(self, kind: str, holds: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the last message of a kind once it holds."""
        async with asyncio.timeout(PATIENCE):
            while True:
                last = next((one for one in reversed(self.heard) if one["t"] == kind), None)
                if last is not None and holds(last):
                    return last
                await asyncio.sleep(0.01)


def play(host: Host, scene: Callable[[Page], Awaitable[None]]) -> None:
    """Run one scene on a loop of its own."""

    async def run() -> None:
        page = Page(host)
        running = asyncio.create_task(page.inbox.run())
        try:
            await scene(page)
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    asyncio.run(run())


def test_no_message_is_shown_before_a_chat_is_chosen() -> None:
    """The chats are there, with who waits and for how many messages; the thread is empty and nobody is told of reading."""
    host = Host(entry(ANA, "A1", 0, waiting=1), entry(LUIS, "L1", 5, mine=True))

    async def scene(page: Page) -> None:
        told = await page.until("chats", lambda one: len(one["chats"]) == 2)
        ana, luis = told["chats"]
        assert (1, round(START.timestamp() * 1000), "hola") == (ana["unread"], ana["since"], ana["line"])
        assert (0, None, "✓") == (luis["unread"], luis["since"], luis["tick"])
        assert [] == (await page.until("page", lambda _: True))["rows"]
        assert [] == host.read

    play(host, scene)


def test_opening_a_chat_shows_it_and_tells_the_sender() -> None:
    """Only what waited is told to have been read, and counts as read in the list from then on."""
    host = Host(
        entry(ANA, "A0", 0), entry(ANA, "A1", 5, mine=True), entry(ANA, "A2", 9, waiting=1), entry(LUIS, "L1", 3, waiting=1)
    )

    async def scene(page: Page) -> None:
        await page.until("chats", lambda one: len(one["chats"]) == 2)
        await page.say("open", ANA)
        told = await page.until("page", lambda one: one["rows"])
        assert ["A0", "A1", "A2"] == [row["key"].rsplit("/", 1)[1] for row in told["rows"]]
        assert [(ANA, ANA, ["A2"])] == host.read
        await page.until("chats", lambda one: {row["chat"]: row["unread"] for row in one["chats"]} == {ANA: 0, LUIS: 1})

    play(host, scene)


def test_a_new_chat_begins_with_a_number() -> None:
    """Whoever never wrote is written to by number; a number without WhatsApp, or no number at all, opens nothing."""
    host = Host(entry(ANA, "A1", 0, waiting=1))
    host.unknown = {"+573005550000"}

    async def scene(page: Page) -> None:
        await page.until("chats", lambda one: one["chats"])
        await page.say("begin", "+57 300 555 0000")
        assert "WhatsApp" in (await page.until("problem", lambda _: True))["text"]
        await page.say("begin", "12 34")
        await page.until("problem", lambda one: "número de teléfono" in one["text"])
        assert page.inbox.choice.chat is None
        await page.say("begin", "+57 300 555 0001")
        told = await page.until("page", lambda one: one["choice"]["chat"])
        assert ("573005550001@s.whatsapp.net", []) == (told["choice"]["chat"], told["rows"])
        assert 2 == len([one for one in page.heard if one["t"] == "problem"])

    play(host, scene)


def test_what_arrives_changes_the_list_and_only_the_chosen_thread() -> None:
    """A message of another chat is a line in the list; one of the chosen chat is in the thread, and read when a view says so."""
    host = Host(entry(ANA, "A1", 0, waiting=1), entry(LUIS, "L1", 1, waiting=1))

    async def scene(page: Page) -> None:
        await page.until("chats", lambda one: len(one["chats"]) == 2)
        await page.say("open", ANA)
        host.arrives(entry(LUIS, "L2", 10, text="¿Hay alguien?", waiting=2))
        await page.until("chats", lambda one: any(row["line"] == "¿Hay alguien?" for row in one["chats"]))
        assert all(row["key"].split("/")[1] == ANA for one in page.heard if one["t"] == "rows" for row in one["rows"])
        host.arrives(entry(ANA, "A2", 20, waiting=2))
        await page.until("rows", lambda one: one["rows"][0]["key"].endswith("/A2"))
        await page.say("read")
        assert [["A1"], ["A2"]] == [ids for _, _, ids in host.read]

    play(host, scene)


def test_answer_that_is_told_under_another_address_is_in_the_thread() -> None:
    """Which addresses are one person is learnt from what arrives before their chat is chosen as well."""
    host = Host(entry(LUIS, "L1", 1, waiting=1))

    async def scene(page: Page) -> None:
        await page.until("chats", lambda one: len(one["chats"]) == 1)
        host.arrives(entry(ANA, "A1", 2, waiting=1), chat=ANA_LID, sender=ANA_LID, sender_alt=ANA)
        await page.until("chats", lambda one: len(one["chats"]) == 2)
        await page.say("open", ANA)
        host.arrives(entry(ANA, "A2", 3, mine=True), chat=ANA_LID, sender=ME)
        await page.until("rows", lambda one: one["rows"][0]["key"] == f"default/{ANA}/A2")

    play(host, scene)


def test_group_without_a_subject_has_a_word_for_its_name() -> None:
    """A table of chats has no None but NaN where a name is missing."""
    people = People()
    frame = pd.DataFrame({"account": ["default"] * 2, "chat": [GROUP, ANA], "name": [None, "Ana"]})
    people.learn([], frame.to_dict("records"))
    bubbles = Bubbles(lang="es", people=people)
    assert ["Grupo", "Ana"] == [bubbles.name("default", chat) for chat in (GROUP, ANA)]


@pytest.mark.parametrize(
    ("replies", "texts"),
    [
        (["Hola ", "", "Hola"], ("Hola",)),
        (pd.DataFrame({"id": ["a"], "text": ["Hola"]}), ("Hola",)),
        (pd.DataFrame({"texto": ["Hola", "Chao"]}), ("Hola", "Chao")),
        ((), ()),
    ],
)
def test_quick_replies_come_from_a_list_or_a_table(replies: Any, texts: tuple[str, ...]) -> None:
    """Each text once, without what surrounds it."""
    assert texts == reply_texts(replies)


@pytest.mark.parametrize("replies", ["Hola", [1], pd.DataFrame({"n": [1]}), pd.DataFrame(), 7])
def test_what_is_no_text_is_no_quick_reply(replies: Any) -> None:
    """A typed error that says what to give."""
    with pytest.raises(InvalidInput, match="Quick replies are texts"):
        reply_texts(replies)
