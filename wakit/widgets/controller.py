"""
What keeps one login card true: follows the session, does what the person asks, tells the browser.

Lives entirely on the bridge's loop. A host that goes away is looked for but not
started behind the person's back: somebody may have stopped it on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol

from wakit import qr_image
from wakit.clock import Clock
from wakit.config import settings
from wakit.errors import HostError, WakitError
from wakit.ids import account_id, phone_number
from wakit.languages import Language
from wakit.model import SessionState, SessionStatus
from wakit.widgets.bridge import Latest
from wakit.widgets.card import QR_SCALE, Command, View, beat, card
from wakit.widgets.emulated import EmulatedPhone
from wakit.widgets.words import error_text

#: Seconds between two signs of life; the browser worries after five without one.
BEAT = 1.0
#: Seconds without a sign of an open view after which the beats end: the Jupyter server would
#: keep them for a page that may never come back.
UNSEEN = 1800.0
#: Shortest and longest pause before a host is looked for again.
PAUSES = (0.25, 4.0)


class Sessions(Protocol):
    """The part of the client that the card needs (``AsyncClient`` has it)."""

    def watch(self, account: str) -> AsyncIterator[SessionStatus]:
        """Yield the snapshot and then every change, codes included."""

    async def sessions(self) -> list[SessionStatus]: ...
    async def connect_account(self, account: str) -> object: ...
    async def pair(self, account: str, phone: str) -> object: ...
    async def new_code(self, account: str) -> object: ...
    async def retry(self, account: str) -> object: ...
    async def take_over(self, account: str) -> object: ...
    async def stop_account(self, account: str) -> object: ...
    async def logout(self, account: str) -> object: ...
    async def close(self) -> None: ...


#: Returns an attached client; with ``True`` it may start a host.
Opener = Callable[[bool], Awaitable[Sessions]]

_VERBS: dict[Command, Callable[[Sessions, str], Awaitable[object]]] = {
    Command.CONNECT: lambda client, account: client.connect_account(account),
    Command.NEW_CODE: lambda client, account: client.new_code(account),
    Command.RETRY: lambda client, account: client.retry(account),
    Command.TAKE_OVER: lambda client, account: client.take_over(account),
    Command.STOP: lambda client, account: client.stop_account(account),
    Command.LOGOUT: lambda client, account: client.logout(account),
}


class Controller:
    """The live side of one card."""

    def __init__(
        self, account: str, opener: Opener, send: Callable[[dict[str, Any]], None], *, clock: Clock, lang: Language
    ) -> None:
        self.view = View(account=account)
        self._opener = opener
        self._send = send
        self._clock = clock
        self._lang = lang
        self._cards: Latest[None] = Latest(lambda _: send(card(self.view, clock.now(), lang)))
        descriptor = settings().network
        self._phone = EmulatedPhone(descriptor) if descriptor else None
        self._number: str | None = None
        self._client: Sessions | None = None
        self._seen = clock.monotonic()
        self._following: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Follow the account and beat until cancelled."""
        try:
            self._follow(self.view.account)
            while True:
                await self._clock.sleep(BEAT)
                if self._clock.monotonic() - self._seen < UNSEEN:
                    self._send({"t": "beat", **beat(self.view, self._clock.now(), self._lang)})
        finally:
            self._cards.close()
            if self._following is not None:
                self._following.cancel()
            await self._detach()

    async def handle(self, message: dict[str, Any]) -> None:
        """Do what a view asks for; anything but a known command is ignored."""
        self._seen = self._clock.monotonic()
        try:
            command = Command(message.get("t", ""))
        except ValueError:
            return
        if command is Command.HELLO:
            self._change()
            await self._list_accounts()
        elif command is not Command.HERE:
            await self._do(command, str(message.get("value", ""))[:64])

    async def turn_to(self, account: str) -> None:
        """Turn to another account."""
        if account != self.view.account:
            self.view = View(account=account, accounts=self.view.accounts, attached=self.view.attached)
            self._follow(account)
        self._change()

    def fail(self, exc: BaseException) -> None:
        """Show an error that nobody else took."""
        self._change(busy=None, problem=error_text(exc, self._lang), problem_of=None)

    def _change(self, **changes: Any) -> None:
        self.view = replace(self.view, **changes)
        self._cards.offer(None)

    async def _do(self, command: Command, value: str) -> None:
        if self.view.busy is not None:
            return
        self._change(busy=command, problem=None, problem_of=None)
        try:
            await self._ask(command, value)
        except WakitError as exc:
            self._change(problem=error_text(exc, self._lang), problem_of=command)
        finally:
            self._change(busy=None)
        await self._list_accounts()

    async def _ask(self, command: Command, value: str) -> None:
        account = self.view.account
        if command is Command.ACCOUNT:
            await self.turn_to(account_id(value))
            return
        if command is Command.SCAN:
            await self._scan()
            return
        client = await self._attach(start=command is Command.START_HOST)
        if command is Command.PAIR:
            self._number = phone_number(value, country=settings().country).e164
            await client.pair(account, self._number)
        elif command in _VERBS:
            await _VERBS[command](client, account)
        if command is Command.START_HOST or self._following is None or self._following.done():
            self._follow(account)

    async def _scan(self) -> None:
        status = self.view.status
        if self._phone is None or status is None:
            return
        if self.view.picture is not None:
            await self._phone.scan(self.view.picture, status.phone)
        elif status.pairing_code is not None:
            await self._phone.type_code(status.pairing_code, self._number)

    def _follow(self, account: str) -> None:
        if self._following is not None:
            self._following.cancel()
        self._following = asyncio.get_running_loop().create_task(self._watch(account))
        self._following.add_done_callback(self._followed)

    def _followed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (exc := task.exception()) is not None:
            self.fail(exc)

    async def _watch(self, account: str) -> None:
        pause = PAUSES[0]
        while True:
            try:
                client = await self._attach(start=False)
                async for status in client.watch(account):
                    pause = PAUSES[0]
                    await self._saw(status)
            except HostError:
                await self._detach()
                self._change(attached=False)
            except WakitError as exc:
                self._change(problem=error_text(exc, self._lang), problem_of=None)
            await self._clock.sleep(pause)
            pause = min(pause * 2, PAUSES[1])

    async def _saw(self, status: SessionStatus) -> None:
        before = self.view.status
        code = status.qr or status.pairing_code
        if before is None or code != (before.qr or before.pairing_code):
            picture = qr_image.png(status.qr, scale=QR_SCALE) if status.qr else None
            expires = status.code_expires_at
            span = (expires - self._clock.now()).total_seconds() if expires and code else None
            self.view = replace(self.view, picture=picture, span=span)
        goes_well = status.state is SessionState.CONNECTED or status.state.is_waiting
        if goes_well and (before is None or before.state is not status.state):
            self.view = replace(self.view, problem=None, problem_of=None)
        self._change(status=status, attached=True)
        near = self._phone is not None and status.emulated and status.state.is_waiting and await self._phone.is_near()
        if near != self.view.phone_near:
            self._change(phone_near=near)

    async def _list_accounts(self) -> None:
        # The chooser is a convenience: while no host answers, the card says so anyway.
        with contextlib.suppress(WakitError):
            client = await self._attach(start=False)
            self._change(accounts=tuple(await client.sessions()))

    async def _attach(self, *, start: bool) -> Sessions:
        if self._client is None:
            self._client = await self._opener(start)
        return self._client

    async def _detach(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(WakitError):
                await client.close()
