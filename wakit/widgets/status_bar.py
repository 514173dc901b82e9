"""The status bar in a cell: ``wa.status_bar()`` shows in one line how an account is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from wakit.client import AsyncClient, Client
from wakit.clock import Clock, SystemClock
from wakit.config import settings
from wakit.errors import UnknownAccount, WakitError
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.languages import Language, language, translate
from wakit.model import Send, SessionState, SessionStatus
from wakit.pacing import Standing, Stop
from wakit.paths import Workspace
from wakit.schedule import Schedule, first_due
from wakit.widgets.bar import Queue, Seen, Today, bar, line
from wakit.widgets.bridge import Latest, bridge
from wakit.widgets.frontend import Unattended, is_attended
from wakit.widgets.live import Live
from wakit.widgets.panel import Panel, assets, only, opener
from wakit.widgets.words import error_text, texts

if TYPE_CHECKING:
    import pandas as pd

#: Seconds between two looks at the queue.
LOOK = 2.0
#: Looks at the queue for one at the coverage: it is a query, and today does not change that fast.
LOOKS = 15
#: Seconds for the figures where nobody sits before the cell.
_PATIENCE = 30.0


class Tells(Protocol):
    """The part of the client that the bar needs (``AsyncClient`` has it)."""

    def watch(self, account: str) -> AsyncIterator[SessionStatus]:
        """Yield the snapshot and then every change."""

    async def status(self, account: str) -> SessionStatus: ...
    async def pending(self, *, account: str | None = None) -> list[Send]: ...
    async def schedules(self) -> list[Schedule]: ...
    async def pacing(self, account: str) -> Standing: ...
    async def coverage(self, account: str | None = None) -> pd.DataFrame: ...
    async def close(self) -> None: ...


class StatusBar(Live[Tells]):
    """The live side of one bar."""

    def __init__(
        self,
        account: str,
        opener: Callable[[bool], Awaitable[Tells]],
        send: Callable[[dict[str, Any]], None],
        *,
        clock: Clock,
        lang: Language,
        private: bool = False,
    ) -> None:
        super().__init__(opener, send, clock=clock, lang=lang)
        self.seen = Seen(account=account, private=private)
        self._bars: Latest[None] = Latest(lambda _: send(bar(self.seen, clock.now(), lang)))

    async def greet(self) -> None:
        self._change()

    async def follow(self, client: Tells) -> None:
        counting = asyncio.create_task(self._keep_counting(client))
        try:
            async for status in client.watch(self.seen.account):
                self.well()
                self._change(status=status, attached=True)
        finally:
            counting.cancel()

    async def do(self, command: str, message: dict[str, Any]) -> None:
        """Ignore it: there is nothing to ask a bar for."""

    def lost(self) -> None:
        self._change(attached=False)

    def fail(self, exc: BaseException) -> None:
        self.send({"t": "problem", "text": error_text(exc, self.lang)})

    def beat(self) -> dict[str, Any]:
        return {"sentence": bar(self.seen, self.clock.now(), self.lang)["sentence"]}

    def end(self) -> None:
        self._bars.close()

    async def _keep_counting(self, client: Tells) -> None:
        look = 0
        while True:
            if self.is_seen:
                # A host that is gone is noticed by whoever watches the session.
                with contextlib.suppress(WakitError):
                    await self._count(client, covers=look % LOOKS == 0)
                look += 1
            await self.clock.sleep(LOOK)

    async def _count(self, client: Tells, *, covers: bool) -> None:
        account = self.seen.account
        queue = Queue.of(await client.pending(account=account))
        today = await covered(client, account, self.clock.now()) if covers else self.seen.today
        coming = first_due(await client.schedules())
        stop = await held(client, account)
        seen = self.seen
        if (queue, today, coming, stop) != (seen.queue, seen.today, seen.coming, seen.stop):
            self._change(queue=queue, today=today, coming=coming, stop=stop)

    def _change(self, **changes: Any) -> None:
        self.seen = replace(self.seen, **changes)
        self._bars.offer(None)


async def held(client: Tells, account: str) -> Stop | None:
    """Return what keeps an account from sending; one that is still to come is not kept from it."""
    with contextlib.suppress(UnknownAccount):
        return (await client.pacing(account)).stop
    return None


async def covered(client: Tells, account: str, now: datetime) -> Today:
    """Return how much of today is known."""
    found = (await client.coverage(account)).tail(1000)
    ends = [
        None if missing else until.to_pydatetime() for until, missing in zip(found["until"], found["until"].isna(), strict=True)
    ]
    intervals = [
        (since.to_pydatetime(), until, state) for since, until, state in zip(found["since"], ends, found["state"], strict=True)
    ]
    return Today.of(intervals, now, ZoneInfo(settings().timezone))


class StatusBarWidget(Panel):
    """The bar of one account."""

    _esm, _css = assets("status_bar").values()
    kept = "WhatsApp status · run this cell to see it / ejecuta esta celda para verlo"

    def __init__(self, account: str, open_client: Any, lang: Language, *, private: bool) -> None:
        super().__init__(lang, bar_texts(lang))
        self.animate(StatusBar(account, open_client, self.send, clock=SystemClock(), lang=lang, private=private))


def status_bar(client: Client, account: str = DEFAULT_ACCOUNT, *, private: bool | None = None) -> StatusBarWidget | Unattended:
    """
    Return the status bar of *account*, the same one each time; the cell displays it.

    Where nobody looks it is the line of that moment, without name and number.

    Raises:
        InvalidAccountId: No account can have this id.
    """
    account_id(account)
    lang, private = language(client.language), client.private if private is None else private
    workspace = client.workspace
    if not is_attended():
        seen = bridge().submit(_once(workspace, account), lambda _: None).result(_PATIENCE)
        return Unattended(line(seen, lang))

    def make() -> StatusBarWidget:
        return StatusBarWidget(account, opener(workspace), lang, private=private)

    return only(("status_bar", workspace.root, account, lang, private), make)


async def _once(workspace: Workspace, account: str) -> Seen:
    clock = SystemClock()
    async with await AsyncClient.connect(workspace) as client:
        try:
            status = await client.status(account)
        except UnknownAccount:
            status = SessionStatus(account=account, state=SessionState.STOPPED, since=clock.now())
        queue = Queue.of(await client.pending(account=account))
        today, stop = await covered(client, account, clock.now()), await held(client, account)
        return Seen(account=account, status=status, queue=queue, today=today, stop=stop)


def bar_texts(lang: Language) -> dict[str, str]:
    """Return the words of the bar; the browser gets them once."""
    _ = partial(translate, lang)
    return {
        "title": _("WhatsApp status"),
        "account": _("Account"),
        "queue": _("Messages to be sent"),
        "coming": _("Next scheduled run"),
        "emulated": _("Emulated network"),
        "kernel_wait": texts(lang).kernel_wait,
        "kernel_gone": texts(lang).kernel_gone,
    }
