"""What is written in a widget is sent once, and how it goes on is told; the host is scripted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wakit.clock import SystemClock
from wakit.emulator import clips
from wakit.errors import HostGone, InvalidInput
from wakit.model import Event, EventKind, Send, SendState, SessionState, SessionStatus
from wakit.widgets import composing
from wakit.widgets.composing import Composing

ANA = "573001234567@s.whatsapp.net"
START = datetime(2026, 11, 24, 15, tzinfo=UTC)
KEY = "5f0c7f0e-1111-4222-8333-944455556666"


class Host:
    """Takes sends; what it says of them is in the hands of the test."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.state = SendState.SENDING
        self.broken: Exception | None = None

    async def send(self, to: str, text: str, **how: Any) -> Send:
        return self._take({"to": to, "text": text, **how})

    async def send_file(self, to: str, file: bytes, **how: Any) -> Send:
        return self._take({"to": to, "file": file, **how})

    async def send_again(self, send: str) -> Send:
        return self._take({"again": send})

    async def arrived(self, send: str) -> Send:
        return replace(sent(send, SendState.SENT), decided_by="Ana", updated_at=START + timedelta(seconds=9))

    async def cancel_send(self, send: str) -> Send:
        return sent(send, SendState.CANCELLED)

    async def sent(self, send_id: str) -> Send:
        return sent(send_id, self.state)

    async def pending(self, *, account: str | None = None) -> list[Send]:
        return [sent("older", SendState.UNKNOWN)] if account == "default" else []

    async def status(self, account: str) -> SessionStatus:
        return SessionStatus(account=account, state=SessionState.RECONNECTING, since=START)

    def _take(self, what: dict[str, Any]) -> Send:
        if self.broken:
            raise self.broken
        self.taken.append(what)
        return sent(f"send-{len(self.taken)}", self.state)


class Page:
    """A widget with one view."""

    def __init__(self) -> None:
        self.host = Host()
        self.told: list[dict[str, Any]] = []

        async def attach() -> Host:
            return self.host

        self.composing = Composing("default", self.told.append, attach, lambda to: to, clock=SystemClock(), lang="es")

    async def do(self, command: str, value: str = KEY, **more: Any) -> None:
        assert await self.composing.do(command, {"t": command, "value": value, **more})

    def happens(self, send: Send) -> None:
        self.composing.happened(Event(id="1", account="default", kind=EventKind.SEND, at=START, data=send.to_json()))

    def last(self, kind: str) -> dict[str, Any]:
        self.composing.greet()
        return next(message for message in reversed(self.told) if message["t"] == kind)

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.last("written")["written"]
        return rows


def sent(send_id: str, state: SendState, seconds: float = 0) -> Send:
    at = START + timedelta(seconds=seconds)
    return Send(id=send_id, account="default", to=ANA, state=state, created_at=START, updated_at=at)


def play(scene: Callable[[Page], Awaitable[None]]) -> None:
    """Run one scene on a loop of its own."""

    async def run() -> None:
        page = Page()
        try:
            await scene(page)
        finally:
            page.composing.close()

    asyncio.run(run())


def test_key_is_sent_once_whatever_is_clicked() -> None:
    """The second click and the page that was loaded again change nothing; the host waits for nobody."""

    async def scene(page: Page) -> None:
        await page.do("send", to=ANA, text="hola", reply="M1")
        await page.do("send", to=ANA, text="hola", reply="M1")
        (taken,) = page.host.taken
        assert ("hola", "M1", KEY, 0.0) == tuple(taken[name] for name in ("text", "reply_to", "idempotency_key", "wait"))
        (row,) = page.rows
        assert ("🕓", "hola", ()) == (row["tick"], row["text"], tuple(row["offers"]))

    play(scene)


def test_ticks_follow_what_the_host_tells() -> None:
    """Also where it is told before the answer that names the send, and an older state never covers a newer one."""

    async def scene(page: Page) -> None:
        page.happens(sent("send-1", SendState.DELIVERED, 5))
        await page.do("send", to=ANA, text="hola")
        assert ["✓✓"] == [row["tick"] for row in page.rows]
        page.happens(sent("send-1", SendState.READ, 6))
        assert ["Leído"] == [row["tick_name"] for row in page.rows]

    play(scene)


def test_what_the_host_did_not_take_says_why_and_keeps_its_key() -> None:
    """The second try has the same key: had the host taken the first one, it would not be sent twice."""

    async def scene(page: Page) -> None:
        page.host.broken = HostGone("The host went away.")
        await page.do("send", to=ANA, text="hola")
        (row,) = page.rows
        assert ("failed", ("again", "discard")) == (row["state"], tuple(row["offers"]))
        assert "no respondió" in row["note"]
        page.host.broken = None
        await page.do("again")
        assert [KEY] == [one["idempotency_key"] for one in page.host.taken]
        assert [None] == [row["note"] for row in page.rows]

    play(scene)


def test_unknown_message_is_decided_by_a_person() -> None:
    """It says that nobody can tell; it arrived, or is sent again, and the new send stands for it from then on."""

    async def scene(page: Page) -> None:
        page.host.state = SendState.UNKNOWN
        await page.do("send", to=ANA, text="uno")
        await page.do("send", "other-key-1", to=ANA, text="dos")
        assert [("arrived", "again")] * 2 == [tuple(row["offers"]) for row in page.rows]
        assert "No sé si llegó" in page.rows[0]["note"]
        await page.do("arrived")
        page.host.state = SendState.SENDING
        await page.do("again", "other-key-1")
        page.happens(replace(sent("send-2", SendState.UNKNOWN, 8), decided_by="Ana"))
        assert [("uno", "sent"), ("dos", "sending")] == [(row["text"], row["state"]) for row in page.rows]

    play(scene)


def test_offline_account_and_older_unknown_messages_are_told_at_the_beginning() -> None:
    """The form says that sends wait, and shows a message of which nobody knows, whoever wrote it."""

    async def scene(page: Page) -> None:
        await page.composing.begin(page.host)
        assert "sin conexión" in page.last("account")["note"]
        assert [("older", "unknown")] == [(row["key"], row["state"]) for row in page.rows]

    play(scene)


def test_queued_message_can_be_taken_back_and_thrown_away() -> None:
    """Only what is not on its way leaves the list."""

    async def scene(page: Page) -> None:
        page.host.state = SendState.QUEUED
        await page.do("send", to=ANA, text="hola")
        await page.do("discard")
        assert [("cancel",)] == [tuple(row["offers"]) for row in page.rows]
        await page.do("cancel")
        await page.do("discard")
        assert [] == page.rows

    play(scene)


def test_file_comes_in_pieces_and_has_its_words_below_it() -> None:
    """Pieces are put together in order; a sticker carries no words, so they go as a message behind it."""

    async def scene(page: Page) -> None:
        photo = clips.photo(1)
        await page.do("part", "file-id-1", name="café.jpg", buffers=[memoryview(photo[:100])])
        await page.do("part", "file-id-1", name="café.jpg", buffers=[memoryview(photo[100:])])
        await page.do("send", to=ANA, text="Este", file="file-id-1")
        await page.do("part", "file-id-2", name="voz.ogg", buffers=[b"OggS" + bytes(60)])
        await page.do("send", "other-key-1", to=ANA, text="Escucha", file="file-id-2")
        first, second, third = page.host.taken
        assert (photo, "Este", "café.jpg") == (first["file"], first["caption"], first["name"])
        assert ("", "Escucha", "other-key-1-t") == (second["caption"], third["text"], third["idempotency_key"])

    play(scene)


def test_file_that_is_not_here_is_not_sent_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is too large is dropped, and the message says that its file is missing."""
    monkeypatch.setattr(composing, "LIMIT", 100)

    async def scene(page: Page) -> None:
        await page.do("part", "file-id-1", name="x", buffers=[bytes(101)])
        await page.do("send", to=ANA, text="Este", file="file-id-1")
        assert [] == page.host.taken
        assert ["failed"] == [row["state"] for row in page.rows]

    play(scene)


def test_draft_comes_back_until_it_is_sent() -> None:
    """A page that is loaded again gets what was written for each chat; an empty one is forgotten."""

    async def scene(page: Page) -> None:
        draft = {"key": KEY, "to": None, "text": "a med", "file": None, "reply": None}
        await page.do("draft", ANA, draft=draft)
        assert {ANA: draft} == page.last("drafts")["drafts"]
        await page.do("send", to=ANA, text="a medias")
        assert {} == page.last("drafts")["drafts"]
        await page.do("draft", ANA, draft=draft)
        assert {} == page.last("drafts")["drafts"]

    play(scene)


def test_view_that_makes_no_sense_is_told_so() -> None:
    """No key, or one that nobody knows: an error for the person, nothing sent."""

    async def scene(page: Page) -> None:
        with pytest.raises(InvalidInput):
            await page.do("send", "", to=ANA, text="hola")
        with pytest.raises(InvalidInput):
            await page.do("again", "nobody-knows-it")
        assert not await page.composing.do("unheard-of", {})
        assert [] == page.host.taken

    play(scene)
