"""What keeps one login card true: follows the session, does what the person asks, tells the browser."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol

from wakit import qr_image
from wakit.clock import Clock
from wakit.config import settings
from wakit.errors import WakitError
from wakit.ids import account_id, phone_number
from wakit.languages import Language
from wakit.model import SessionState, SessionStatus
from wakit.widgets.bridge import Latest
from wakit.widgets.card import QR_SCALE, Command, View, beat, card
from wakit.widgets.emulated import EmulatedPhone
from wakit.widgets.live import FIELD, Live
from wakit.widgets.words import error_text


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


class Controller(Live[Sessions]):
    """The live side of one card."""

    def __init__(
        self,
        account: str,
        opener: Opener,
        send: Callable[[dict[str, Any]], None],
        *,
        clock: Clock,
        lang: Language,
        private: bool = False,
    ) -> None:
        super().__init__(opener, send, clock=clock, lang=lang)
        self.view = View(account=account, private=private)
        self._cards: Latest[None] = Latest(lambda _: send(card(self.view, clock.now(), lang)))
        descriptor = settings().network
        self._phone = EmulatedPhone(descriptor) if descriptor else None
        self._number: str | None = None

    async def greet(self) -> None:
        self._change()
        await self._list_accounts()

    async def follow(self, client: Sessions) -> None:
        async for status in client.watch(self.view.account):
            self.well()
            await self._saw(status)

    async def do(self, command: str, message: dict[str, Any]) -> None:
        try:
            asked = Command(command)
        except ValueError:
            return
        if self.view.busy is None:
            await self._do(asked, str(message.get("value", ""))[:FIELD])

    def lost(self) -> None:
        self._change(attached=False)

    def fail(self, exc: BaseException) -> None:
        self._change(busy=None, problem=error_text(exc, self.lang), problem_of=None)

    def beat(self) -> dict[str, Any]:
        return beat(self.view, self.clock.now(), self.lang)

    def end(self) -> None:
        self._cards.close()

    async def turn_to(self, account: str) -> None:
        """Turn to another account."""
        if account != self.view.account:
            before = self.view
            self.view = View(account=account, accounts=before.accounts, attached=before.attached, private=before.private)
            self.start_following()
        self._change()

    def _change(self, **changes: Any) -> None:
        self.view = replace(self.view, **changes)
        self._cards.offer(None)

    async def _do(self, command: Command, value: str) -> None:
        self._change(busy=command, problem=None, problem_of=None)
        try:
            await self._ask(command, value)
        except WakitError as exc:
            self._change(problem=error_text(exc, self.lang), problem_of=command)
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
        client = await self.attach(start=command is Command.START_HOST)
        if command is Command.PAIR:
            self._number = phone_number(value, country=settings().country).e164
            await client.pair(account, self._number)
        elif command in _VERBS:
            await _VERBS[command](client, account)
        if command is Command.START_HOST or not self.is_following:
            self.start_following()

    async def _scan(self) -> None:
        status = self.view.status
        if self._phone is None or status is None:
            return
        if self.view.picture is not None:
            await self._phone.scan(self.view.picture, status.phone)
        elif status.pairing_code is not None:
            await self._phone.type_code(status.pairing_code, self._number)

    async def _saw(self, status: SessionStatus) -> None:
        before = self.view.status
        code = status.qr or status.pairing_code
        if before is None or code != (before.qr or before.pairing_code):
            picture = qr_image.png(status.qr, scale=QR_SCALE) if status.qr else None
            expires = status.code_expires_at
            span = (expires - self.clock.now()).total_seconds() if expires and code else None
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
            client = await self.attach(start=False)
            self._change(accounts=tuple(await client.sessions()))
