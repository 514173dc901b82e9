"""The kernel's side of a chat in which a person also writes: its thread, and what becomes of what they write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Protocol, cast

from wakit.clock import Clock
from wakit.errors import InvalidInput, WakitError
from wakit.model import Event, EventKind
from wakit.widgets import composing
from wakit.widgets.bubbles import Bubbles
from wakit.widgets.composing import Composing, Sends
from wakit.widgets.thread import KINDS, Choice, Send, Talks, Thread


class Partner(Talks, Sends, Protocol):
    """The part of the client that a talk needs (``AsyncClient`` has it)."""


class Talk(Thread):
    """The live side of one chat of one account."""

    kinds: ClassVar[tuple[EventKind, ...]] = (*KINDS, *composing.KINDS)

    def __init__(
        self,
        account: str,
        opener: Callable[[bool], Awaitable[Partner]],
        send: Send,
        *,
        clock: Clock,
        bubbles: Bubbles,
        chat: str | None = None,
    ) -> None:
        super().__init__(opener, send, clock=clock, bubbles=bubbles, choice=Choice(account=account, chat=chat))
        self._account = account
        self._composing = Composing(account, send, self._partner, self._called, clock=clock, lang=bubbles.lang)

    async def greet(self) -> None:
        self._composing.greet()
        await super().greet()

    async def begin(self, client: Talks) -> None:
        await self._composing.begin(cast("Partner", client))
        self._composing.greet()

    async def do(self, command: str, message: dict[str, Any]) -> None:
        try:
            if not await self._composing.do(command, message):
                await super().do(command, message)
        except WakitError as exc:
            self.fail(exc)

    def end(self) -> None:
        super().end()
        self._composing.close()

    def _happened(self, event: Event) -> None:
        if event.kind in composing.KINDS:
            self._composing.happened(event)
        else:
            super()._happened(event)

    async def _partner(self) -> Partner:
        return cast("Partner", await self.attach(start=False))

    def _called(self, address: str) -> str:
        try:
            return self._bubbles.name(self._account, self._bubbles.people.shown(self._account, address))
        except InvalidInput:
            return address
