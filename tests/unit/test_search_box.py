"""Finds as rows of the browser, and what the search box does with questions and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from wakit.clock import SystemClock
from wakit.errors import HostGone, InvalidInput
from wakit.found import Hit
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.concordance import groups, pieces
from wakit.widgets.search_box import Asked, SearchBox
from wakit.widgets.thread import Choice

ANA, GROUP = "573009876543@s.whatsapp.net", "1203@g.us"


def hit(text: str, *words: str, chat: str = ANA, **values: Any) -> Hit:
    """Return a find of these words in a text."""
    marks = tuple((text.index(word), text.index(word) + len(word)) for word in words)
    known = {"account": "default", "sender": ANA, "sender_name": "Ana", "message_id": text[:8], "from_me": False, "type": "text"}
    known |= {"ts": datetime(2026, 11, 24, tzinfo=UTC), "chat_name": "Ana Mejía" if chat == ANA else "Socios", "score": 1.0}
    return Hit(chat=chat, text=text, snippet=text, marks=marks, **{**known, **values})


def test_find_stands_between_its_contexts() -> None:
    """Places count characters beyond the BMP as one, as Python does; other words are lit where they stand."""
    (group,) = groups([hit("🙂🙂 la cotización\ndel café", "cotización", "café")], Bubbles(lang="es"))
    (row,) = group["rows"]
    assert (row["before"], row["word"]) == ("🙂🙂 la ", "cotización")
    assert row["after"] == [(" del ", False), ("café", True)]


def test_finds_stand_by_chat_in_the_order_found() -> None:
    """A chat stands where its best find would."""
    hits = [hit("café uno", "café", chat=GROUP), hit("café dos", "café"), hit("café tres", "café", chat=GROUP)]
    found = groups(hits, Bubbles(lang="es"))
    assert [(group["name"], len(group["rows"])) for group in found] == [("Socios", 2), ("Ana Mejía", 1)]
    assert [group["rows"][0]["who"] for group in found] == ["Ana", ""]


def test_long_context_is_cut_far_from_the_find() -> None:
    """What does not fit on a line goes from the beginning, between words."""
    (group,) = groups([hit("palabra " * 20 + "café", "café")], Bubbles(lang="es"))
    before = group["rows"][0]["before"]
    assert before.startswith("…palabra")
    assert before.endswith("palabra ")
    assert len(before) <= 61


def test_private_finds_name_nobody() -> None:
    """Names become initials and numbers are masked, with every mark still in its place."""
    text = "llame al +57 320 111 2233 por café"
    told = str(groups([hit(text, "café", chat=GROUP), hit(text, "320", "café")], Bubbles(lang="es", private=True)))
    assert not any(secret in told for secret in ("Ana", "Mejía", "320", "111"))
    assert told.count("'café'") == 2


@pytest.mark.parametrize("marks", [[], [(0, 4)], [(0, 2), (2, 4)], [(1, 2)]])
def test_pieces_are_the_text(marks: list[tuple[int, int]]) -> None:
    """Nothing is lost between pieces, and none is empty."""
    cut = pieces("café", marks)
    assert "".join(text for text, _ in cut) == "café"
    assert all(text for text, _ in cut)


class Host:
    """Answers as the host would: finds for every question, a page for every chat."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, dict[str, Any]]] = []
        self.refuses: Exception | None = None
        self.closed = 0
        self.slow = asyncio.Event()

    async def open(self, start: bool) -> Host:
        assert not start
        return self

    async def hits(self, question: str, **where: Any) -> list[Hit]:
        self.questions.append((question, where))
        if question == "slow":
            await self.slow.wait()
        if self.refuses is not None:
            raise self.refuses
        return [hit(f"{number} café", "café") for number in range(where["limit"])]

    async def close(self) -> None:
        self.closed += 1


def box(host: Host, told: list[dict[str, Any]], **asked: Any) -> SearchBox:
    """Return a search box that tells the test."""

    def send(message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        told.append(message)

    bubbles = Bubbles(lang="es", names_chats=False)
    within = Choice(account="default")
    return SearchBox(host.open, send, clock=SystemClock(), bubbles=bubbles, within=within, asked=Asked(**asked))


async def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true on this loop."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for knows of no test
            await asyncio.sleep(0.005)


async def finds(told: list[dict[str, Any]], question: str) -> dict[str, Any]:
    """Return the answer to a question, once it is told."""

    def answers() -> list[dict[str, Any]]:
        return [message for message in told if message["t"] == "finds" and message["question"] == question]

    await until(lambda: bool(answers()))
    return answers()[0]


def test_last_question_is_the_one_that_is_answered() -> None:
    """Who types on does not wait for what is no longer asked, and never sees its answer."""

    async def scene() -> None:
        host, told = Host(), []
        search = box(host, told)
        await search.handle({"t": "search", "value": {"question": "slow"}})
        await until(lambda: bool(host.questions))
        await search.handle({"t": "search", "value": {"question": "café", "newest": True, "limit": 10**9}})
        answer = await finds(told, "café")
        host.slow.set()
        await asyncio.sleep(0)
        assert [message["question"] for message in told] == ["café"]
        assert (answer["newest"], answer["more"], answer["count"]) == (True, False, "Los primeros 500 mensajes")
        assert host.questions[-1] == ("café", {"newest": True, "limit": 500, "account": "default", "chat": None})

    asyncio.run(scene())


def test_what_cannot_be_asked_is_said() -> None:
    """A question without a word gets a hint, an empty one nothing, and a lost host is looked for anew."""

    async def scene() -> None:
        host, told = Host(), []
        search = box(host, told)
        await search.handle({"t": "search", "value": {"question": "  "}})
        assert (await finds(told, "  "))["count"] == ""
        assert host.questions == []
        host.refuses = InvalidInput("no word")
        await search.handle({"t": "search", "value": {"question": "-no"}})
        assert "al menos una palabra" in (await finds(told, "-no"))["hint"]
        host.refuses = HostGone("gone")
        await search.handle({"t": "search", "value": {"question": "x"}})
        await until(lambda: told[-1]["t"] == "problem")
        assert host.closed == 1

    asyncio.run(scene())


def test_reopened_view_gets_what_was_found() -> None:
    """The first view asks what the cell asked; later ones get that answer."""

    async def scene() -> None:
        host, told = Host(), []
        search = box(host, told, question="café")
        await search.greet()
        first = await finds(told, "café")
        told.clear()
        await search.greet()
        assert told == [first, {"t": "opened", "key": ""}]
        assert len(host.questions) == 1

    asyncio.run(scene())


def test_opened_find_chooses_its_chat_and_an_empty_key_none() -> None:
    """A key names account, chat and message; what is none closes."""

    async def scene() -> None:
        told: list[dict[str, Any]] = []
        search = box(Host(), told)
        key = f"default/{ANA}/ABC"
        await search.handle({"t": "open", "value": key})
        assert search.choice == Choice(account="default", chat=ANA)
        await search.handle({"t": "open", "value": "nonsense"})
        assert search.choice == Choice()
        assert [message["key"] for message in told] == [key, ""]

    asyncio.run(scene())
