"""
The accounts of this workspace and their sessions.

A host that starts brings every linked account back, so that neither a reboot nor
an update of the host asks for a scan. One account that cannot be brought back
(its emulated network is gone, its files are damaged) says so in its own status
and keeps nobody else from connecting.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import UnknownAccount, WakitError
from wakit.host.bells import Bells
from wakit.host.past import Progress
from wakit.ids import Phone, account_id
from wakit.model import SessionState, SessionStatus
from wakit.network import REAL, NetworkDescriptor
from wakit.paths import Workspace
from wakit.sentences import DONE
from wakit.session.supervisor import Session

log = logging.getLogger(__name__)

#: States in which a person who asked to connect can be told something useful.
_TELLING = {SessionState.QR, SessionState.PAIRING, SessionState.CONNECTED}
#: Seconds that a history is still told after it is complete, and after a phone went silent in the middle of it.
_DONE_SECONDS, _QUIET_SECONDS = 60.0, 600.0
#: Seconds for the first code after the worker is up.
_CODE_SECONDS = 15.0


class Registry:
    """
    All sessions of the host, by account.

    Args:
        on_journal: Told account and number of each journal row that is there.
        on_status: Told each change of a session.
    """

    def __init__(
        self,
        workspace: Workspace,
        settings: Settings,
        clock: Clock,
        *,
        on_journal: Callable[[str, int], None],
        on_status: Callable[[SessionStatus], None],
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._clock = clock
        self._on_journal = on_journal
        self._on_status = on_status
        self._since = clock.now()
        self._sessions: dict[str, Session] = {}
        self._broken: dict[str, WakitError] = {}
        self._past: dict[str, Progress] = {}
        self._forgetting: dict[str, asyncio.TimerHandle] = {}
        self._leaving: set[str] = set()
        self._bells = Bells()
        self._store_full = threading.Event()

    @property
    def is_idle(self) -> bool:
        """Whether no session is up, on its way up, or waiting for a person."""
        return all(session.status.state.is_final for session in self._sessions.values())

    def get(self, account: str) -> Session:
        """
        Return the session of *account*.

        Raises:
            UnknownAccount: It has none.
            WakitError: What kept its session from being made.
        """
        session = self._sessions.get(account_id(account))
        if session is not None:
            return session
        if account in self._broken:
            raise self._broken[account]
        msg = f"There is no account {account!r} in this workspace. Run: wakit login {account}"
        raise UnknownAccount(msg, account=account)

    def status(self, account: str) -> SessionStatus:
        """
        Return how *account* is; one that could not be brought back says why.

        Raises:
            UnknownAccount: It was never linked here.
        """
        if account not in self._broken:
            self.get(account)
            return self.presence(account)
        return self.presence(account).with_(reason=self._broken[account].message)

    def presence(self, account: str) -> SessionStatus:
        """Return how *account* is, which is stopped if it is not there, or not yet."""
        session = self._sessions.get(account_id(account))
        if session is None:
            return SessionStatus(account=account, state=SessionState.STOPPED, since=self._since)
        past = self._past.get(account)
        return session.status.with_(history_percent=past.percent, history_messages=past.messages) if past else session.status

    def statuses(self) -> list[SessionStatus]:
        """Return how all accounts are, by name."""
        return [self.status(account) for account in sorted({*self._sessions, *self._broken})]

    async def watch(self, account: str, pause: float, stopping: asyncio.Event) -> AsyncIterator[SessionStatus | None]:
        """
        Yield how *account* is, now and at each change, until the host stops.

        Args:
            account: May be one that is still to come.
            pause: Seconds without a change after which ``None`` is yielded.
            stopping: Set when the host stops.
        """
        last: SessionStatus | None = None
        with self._bells.listening() as listener:
            while not stopping.is_set():
                listener.silence()
                status = self.status(account) if account in self._broken else self.presence(account)
                if status != last:
                    last = status
                    yield status
                elif not await listener.wait(pause):
                    yield None

    async def settled(self, account: str) -> SessionStatus:
        """Wait until *account* has a code, is connected, or needs a person; return how it is then or when time is up."""
        never = asyncio.Event()
        try:
            async with asyncio.timeout(_CODE_SECONDS):
                async for status in self.watch(account, _CODE_SECONDS, never):
                    if status is not None and (status.state in _TELLING or status.state.is_final):
                        return status
        except TimeoutError:
            log.debug("%s: no code and no connection yet", account)
        return self.status(account)

    async def restore(self) -> None:
        """Bring every linked account of the workspace back."""
        await asyncio.gather(*(self._restore(account) for account in self._workspace.accounts()))

    async def connect(self, account: str, *, network: Path | None, phone: Phone | None) -> SessionStatus:
        """
        Connect *account*, or start to link it; nothing stays of a new account that cannot start.

        Args:
            account: A new name makes a new account.
            network: Descriptor of an emulated network, or ``None`` for WhatsApp;
                a linked account stays where it is.
            phone: Link by a code that is typed on this phone.
        """
        descriptor = NetworkDescriptor.load(network) if network else None
        session = self._sessions.setdefault(account_id(account), self._sessions.get(account) or self._made(account))
        try:
            session.use_network(descriptor)
            await self._start(session, descriptor, phone)
        except WakitError:
            if not self._workspace.account_file(account).exists():
                del self._sessions[account]
            raise
        finally:
            self.ring()
        return session.status

    async def logout(self, account: str, *, force: bool = False) -> SessionStatus:
        """Unlink *account* on the phone and forget it here; stored messages stay."""
        session = self.get(account)
        self._leaving.add(account)
        try:
            await session.logout(force=force)
        finally:
            self._leaving.discard(account)
        del self._sessions[account]
        self.ring()
        return session.status

    def is_leaving(self, account: str) -> bool:
        """Return whether somebody is unlinking *account* here: that its session ends is no surprise."""
        return account in self._leaving

    def store_is_full(self) -> None:
        """Let no session take in what the store has no room for."""
        if not self._store_full.is_set():
            self._store_full.set()
            for session in self._sessions.values():
                session.pause_for_space()

    def store_has_room(self) -> None:
        """Let the sessions that paused go on, which they do within seconds."""
        self._store_full.clear()

    async def close(self) -> None:
        """End all workers; their accounts stay linked."""
        for timer in self._forgetting.values():
            timer.cancel()
        await asyncio.gather(*(session.stop() for session in self._sessions.values()))

    def remembers(self, account: str, past: Progress) -> None:
        """Note how much of a phone's history is stored; statuses say it until a while after the last word."""
        self._past[account] = past
        self.ring()
        if account in self._forgetting:
            self._forgetting[account].cancel()
        seconds = _DONE_SECONDS if past.percent >= DONE else _QUIET_SECONDS
        self._forgetting[account] = asyncio.get_running_loop().call_later(seconds, self._forget, account)

    def _forget(self, account: str) -> None:
        del self._past[account], self._forgetting[account]
        self.ring()

    def ring(self) -> None:
        """Wake everybody who watches, if only to see that the host is stopping."""
        self._bells.ring()

    def _made(self, account: str) -> Session:
        return Session(
            self._workspace,
            account,
            network=None,
            settings=self._settings,
            clock=self._clock,
            on_status=self._changed,
            on_journal=self._on_journal,
            store_has_room=lambda: not self._store_full.is_set(),
        )

    def _changed(self, status: SessionStatus) -> None:
        if not status.state.is_final:
            self._broken.pop(status.account, None)
        if status.state is SessionState.STARTING:
            log.info("%s is on %s", status.account, f"an emulated network, {status.network}" if status.emulated else "WhatsApp")
        self.ring()
        self._on_status(status)

    async def _start(self, session: Session, network: NetworkDescriptor | None, phone: Phone | None) -> None:
        wanted = network.id if network else REAL
        if session.is_linked:
            await session.start()
        elif phone is not None:
            await session.pair_phone(phone)
        elif session.status.state.is_final or session.status.network == wanted:
            await session.start()
        else:  # a code of another network is being shown
            await session.new_code()

    async def _restore(self, account: str) -> None:
        try:
            session = self._made(account)
            self._sessions[account] = session
            await session.resume()
        except WakitError as exc:
            self._broken[account] = exc
            log.warning("%s could not be brought back: %s", account, exc.message)
        self.ring()
