"""A client that follows a script: what the host would answer, told by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from wakit.errors import HostGone, WakitError
from wakit.model import SessionState, SessionStatus

QR_TEXT = "2@" + "a1B2c3D4+/" * 17 + "," + ",".join("Q" * 43 + "=" for _ in range(3))
PAIRING_CODE = "K7QX-M2VD"
PHONE = "+573001234567"
PUSH_NAME = "Café Andino"


def status(state: SessionState, account: str = "default", **values: Any) -> SessionStatus:
    """Return a snapshot of now."""
    return SessionStatus(account=account, state=state, **{"since": datetime.now(UTC), "network": "emulated:00", **values})


def showing_qr(text: str = QR_TEXT, seconds: float = 20.0, **values: Any) -> SessionStatus:
    """Return the snapshot of a session that shows a QR code."""
    return status(SessionState.QR, qr=text, code_expires_at=datetime.now(UTC) + timedelta(seconds=seconds), **values)


def showing_code(**values: Any) -> SessionStatus:
    """Return the snapshot of a session that shows a pairing code."""
    expires = datetime.now(UTC) + timedelta(seconds=180)
    return status(SessionState.PAIRING, pairing_code=PAIRING_CODE, code_expires_at=expires, **values)


def connected(**values: Any) -> SessionStatus:
    """Return the snapshot of a connected session."""
    known = {"phone": PHONE, "push_name": PUSH_NAME, "device": "573001234567:2@s.whatsapp.net"}
    return status(SessionState.CONNECTED, **{**known, **values})


class ScriptedClient:
    """Plays the host: ``tell`` changes a session, ``die`` ends the host, ``calls`` is what was asked of it."""

    def __init__(self, *statuses: SessionStatus) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.refuse: WakitError | None = None
        self.opened: list[bool] = []
        self.alive = True
        #: What is told once somebody has seen the snapshot.
        self.when_watched: SessionStatus | None = None
        self._now = {one.account: one for one in statuses}
        self._changed = asyncio.Event()

    async def open(self, start: bool) -> ScriptedClient:
        """Attach, as an ``Opener`` does."""
        self.opened.append(start)
        self.alive = self.alive or start
        if not self.alive:
            raise HostGone
        return self

    def tell(self, *statuses: SessionStatus) -> None:
        """Change sessions; every watcher sees the last one."""
        self._now |= {one.account: one for one in statuses}
        self._ring()

    def die(self) -> None:
        """End the host: streams break, nobody answers until somebody starts it."""
        self.alive = False
        self._ring()

    async def watch(self, account: str) -> AsyncIterator[SessionStatus]:
        """Yield the snapshot and every change."""
        seen, unknown = None, status(SessionState.STOPPED, account)
        while self.alive:
            one = self._now.get(account) or unknown
            if one is not seen:
                seen = one
                yield one
                if self.when_watched is not None:
                    self.tell(self.when_watched)
                    self.when_watched = None
            else:
                await self._changed.wait()
        raise HostGone

    async def status(self, account: str) -> SessionStatus:
        """Return one session."""
        return self._now[account]

    async def sessions(self) -> list[SessionStatus]:
        """Return all sessions."""
        if not self.alive:
            raise HostGone
        return [self._now[account] for account in sorted(self._now)]

    async def close(self) -> None:
        """Let go."""

    async def __aenter__(self) -> ScriptedClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def pair(self, account: str, phone: str) -> None:
        """Note that a pairing code was asked for."""
        self._note("pair", account, phone)

    def __getattr__(self, name: str) -> Any:
        async def call(account: str) -> None:
            self._note(name, account)

        if name in {"connect_account", "new_code", "retry", "take_over", "stop_account", "logout"}:
            return call
        raise AttributeError(name)

    def _note(self, *call: str) -> None:
        self.calls.append(call)
        if self.refuse is not None:
            raise self.refuse

    def _ring(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
