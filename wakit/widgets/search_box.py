"""The search box in a cell: ``wa.search_box()`` finds while one types, and opens a chat at what was found."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from wakit.client import Client
from wakit.client.pages import TimelinePage
from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.errors import HostError, InvalidInput, WakitError
from wakit.found import Hit
from wakit.ids import account_id, recipient
from wakit.languages import Language, language, speak, speak_many, translate
from wakit.widgets.bubbles import Bubbles, unlock
from wakit.widgets.concordance import groups
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.thread import Choice, Send, Talks, Thread
from wakit.widgets.thread_words import thread_texts

#: Finds of one answer, and the most that a view may ask for.
FINDS, MOST = 50, 500
#: Most characters of a question.
QUESTION = 400


class Finds(Talks, Protocol):
    """The part of the client that the search box needs (``AsyncClient`` has it)."""

    async def hits(self, question: str, **where: Any) -> list[Hit]: ...


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is looked for."""

    question: str = ""
    newest: bool = False
    limit: int = FINDS


class SearchBox(Thread):
    """The live side of one search box: finds, and the thread that one of them opened."""

    def __init__(
        self,
        opener: Callable[[bool], Awaitable[Any]],
        send: Send,
        *,
        clock: Clock,
        bubbles: Bubbles,
        within: Choice,
        asked: Asked,
    ) -> None:
        super().__init__(opener, send, clock=clock, bubbles=bubbles, choice=Choice())
        self._within = within
        self._asked = asked
        self._found: dict[str, Any] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._open = ""

    async def greet(self) -> None:
        if self._found is None:
            self._look_for(self._asked)
        else:
            self.send(self._found)
        self.send({"t": "opened", "key": self._open})
        if self._open:
            await super().greet()

    async def follow(self, client: Talks) -> None:
        if not self._open:
            await asyncio.Event().wait()  # until a find is opened, which begins anew
        await super().follow(client)

    async def do(self, command: str, message: dict[str, Any]) -> None:
        value = message.get("value")
        if command == "search" and isinstance(value, dict):
            self._look_for(_asked(value))
        elif command == "open":
            self._turn_to(str(value or ""))
        else:
            await super().do(command, message)

    # What is found

    def _look_for(self, asked: Asked) -> None:
        """Look for something else; who types on does not wait for what is no longer asked."""
        if self._looking is not None:
            self._looking.cancel()
        self._asked = asked
        self._looking = self._start(self._look(asked))

    async def _look(self, asked: Asked) -> None:
        answer = {"t": "finds", "question": asked.question, "newest": asked.newest, "groups": [], "count": "", "more": False}
        try:
            hits = await self._hits(asked) if asked.question.strip() else []
        except InvalidInput:
            answer["hint"] = speak(self.lang, "Write at least one word that must be there.")
        except WakitError as exc:
            if isinstance(exc, HostError):
                await self.detach()
            self.fail(exc)
            return
        else:
            answer |= {
                "groups": groups(hits, self._bubbles),
                "more": asked.limit <= len(hits) < MOST,
                "count": self._count(hits, asked),
            }
        self._found = answer
        self.send(answer)

    async def _hits(self, asked: Asked) -> list[Hit]:
        client: Any = await self.attach(start=False)
        where = {"account": self._within.account, "chat": self._within.chat}
        found: list[Hit] = await client.hits(asked.question, newest=asked.newest, limit=asked.limit, **where)
        return found

    def _count(self, hits: Sequence[Hit], asked: Asked) -> str:
        if not asked.question.strip():
            return ""
        if not hits:
            return speak(self.lang, "Nothing was found.")
        if len(hits) < asked.limit:
            return speak_many(self.lang, "{count} message", "{count} messages", len(hits))
        return speak(self.lang, "The first {count} messages", count=len(hits))

    # What is opened

    def _turn_to(self, key: str) -> None:
        """Open the chat of a find at that message, or close what is open."""
        account, chat, message_id = unlock(key)
        self._open = key if message_id else ""
        self.choice = Choice(account=account, chat=chat) if message_id else Choice()
        self.send({"t": "opened", "key": self._open})
        self.start_following()

    async def _page(self, client: Talks, *, everybody: bool) -> TimelinePage:
        page = await super()._page(client, everybody=everybody)
        around = await self._timeline(client, around=unlock(self._open)[2])
        if around:
            self.send({"t": "there", "rows": self._rows(around), "lit": self._open})
        return page


class SearchBoxWidget(Panel):
    """A search box."""

    _esm, _css = assets("thread", "threadpanel", "search_box").values()
    kept = "WhatsApp search · run this cell to see it / ejecuta esta celda para verla"

    def __init__(self, within: Choice, question: str, open_client: Any, lang: Language, *, private: bool) -> None:
        super().__init__(lang, search_texts(lang))
        bubbles = Bubbles(lang=lang, private=private, names_chats=False)
        asked = Asked(question=question)
        self.animate(SearchBox(open_client, self.send, clock=SystemClock(), bubbles=bubbles, within=within, asked=asked))


def search_box(
    client: Client, question: str = "", *, account: str | None = None, chat: str | None = None, private: bool | None = None
) -> SearchBoxWidget | Unattended:
    """
    Return a search box, the same one each time for the same place and first question; the cell displays it.

    Raises:
        InvalidAccountId: No account can have this id.
        InvalidPhoneNumber, InvalidJID: *chat* is neither.
    """
    if account is not None:
        account_id(account)
    within = Choice(account=account, chat=str(recipient(chat, country=settings().country)) if chat else None)
    if not is_attended():
        return Unattended(SearchBoxWidget.kept)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace

    def make() -> SearchBoxWidget:
        return SearchBoxWidget(within, question[:QUESTION], opener(workspace), lang, private=private)

    return only(("search_box", workspace.root, within, question, lang, private), make)


def search_texts(lang: Language) -> dict[str, str]:
    """Return the words of a search box; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        **thread_texts(lang),
        "title": _("WhatsApp search"),
        "search": _("Search the messages"),
        "hint": _("All words must be there, in any form; “…” is a phrase, word* a beginning, -word must not be there."),
        "newest": _("Newest first"),
        "searching": _("Searching…"),
        "more": _("Show more"),
        "you": _("You"),
        "when": _("When"),
        "who": _("Who"),
        "before": _("Before it"),
        "find": _("Found"),
        "after": _("After it"),
        "deleted": _("deleted"),
        "close": _("Close"),
        "empty": _("Nothing was written in this chat yet."),
    }


def _asked(value: dict[str, Any]) -> Asked:
    limit = value.get("limit")
    return Asked(
        question=str(value.get("question") or "")[:QUESTION],
        newest=bool(value.get("newest")),
        limit=min(MOST, max(FINDS, limit)) if isinstance(limit, int) else FINDS,
    )
