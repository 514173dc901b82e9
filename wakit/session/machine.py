"""
The state machine of one session at work: signals in, states out, and the books kept on the way.

``states.step`` says what a signal means; here it happens. The order is fixed: a
state is journaled before anybody is told, and people are told before the
worker is touched.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import RateLimited, StorageFull, WakitError
from wakit.ids import JID
from wakit.model import SessionState, SessionStatus
from wakit.network import NetworkDescriptor
from wakit.paths import Workspace
from wakit.redact import on_network
from wakit.session.account_file import AccountFile
from wakit.session.channel import BEAT
from wakit.session.entries import EventCode
from wakit.session.journal import Journal
from wakit.session.keeper import Callbacks, Keeper, Plan
from wakit.session.ledger import Ledger
from wakit.session.session_files import SessionFiles, remembered
from wakit.session.signals import (
    DeviceKnown,
    Exited,
    Linked,
    LoggedOut,
    LoginSaid,
    NameKnown,
    QrShown,
    Ready,
    Signal,
    Silent,
    SpaceBack,
    TimedOut,
    Unanswered,
    Unlinked,
    signal_of,
)
from wakit.session.space import has_room
from wakit.session.states import Action, Limits, Standing, step
from wakit.session.worker_log import WorkerLog

log = logging.getLogger(__name__)

#: Seconds online after which a session counts as healthy again and its next pause is the first one.
_STEADY = 60.0
#: Seconds for the question that tells a quiet night from a dead connection.
_PROBE_SECONDS = 10.0
#: Seconds after which the phone's name is looked for; it comes with the first sync, without an event.
_NAME_SECONDS = (0.3, 1.0, 3.0, 10.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a session lives in and whom it tells."""

    workspace: Workspace
    settings: Settings
    clock: Clock
    on_status: Callable[[SessionStatus], None]
    on_journal: Callable[[str, int], None]
    limits: Limits
    log_key: bytes
    #: Whether the store can be written; may be called in a thread.
    store_has_room: Callable[[], bool]


class Machine:
    """The running state of one account."""

    def __init__(self, account: str, around: Surroundings) -> None:
        self.account = account
        self._around = around
        self._clock = around.clock
        self.file = AccountFile.load(around.workspace, account) or AccountFile(account=account)
        self.files = SessionFiles(around.workspace, account)
        self._unsaved = False
        self._network: NetworkDescriptor | None = None
        status = remembered(around.workspace, self.file, around.clock)
        self._standing = Standing(status=status, linked=self.file.is_linked)
        self._ledger: Ledger | None = None
        self._worker_log: WorkerLog | None = None
        self._last_traffic = status.last_traffic_at
        self._alive_at: datetime | None = None
        self._online_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._heartbeat: asyncio.TimerHandle | None = None
        self._set_up: asyncio.Future[Ready | Exited] | None = None
        self._naming: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        callbacks = Callbacks(
            plan=self._plan,
            message=self._on_message,
            exited=self._on_exited,
            pause=self._on_pause,
            ended=self._on_ended,
            has_room=self._has_room,
            space_back=lambda: self.handle(SpaceBack()),
        )
        self.keeper = Keeper(account, around.settings, around.clock, callbacks)

    @property
    def status(self) -> SessionStatus:
        """How the session stands now, with codes while they are valid."""
        return self._standing.status.with_(last_traffic_at=self._last_traffic)

    @property
    def is_open(self) -> bool:
        """Whether the journal is open, so that signals can be handled."""
        return self._ledger is not None

    def heard(self) -> None:
        """Note that WhatsApp answered something."""
        self._last_traffic = self._clock.now()

    def open(self, file: AccountFile, network: NetworkDescriptor | None) -> None:
        """
        Open journal and log, and write ``account.json`` before a session file can exist.

        Raises:
            CorruptFile: The journal is damaged.
        """
        around = self._around
        around.workspace.create()
        if self._ledger is None:
            settings, folder = around.settings, around.workspace.journal_dir(self.account)
            journal = Journal(folder, flush=settings.journal_flush, rotate_at=settings.journal_rotate, clock=self._clock)
            self._ledger = Ledger(self.account, journal, around.on_journal)
        if self._worker_log is None:
            path = around.workspace.worker_log(self.account)
            self._worker_log = WorkerLog(path, network=file.network, key=around.log_key)
        file.save(around.workspace)
        self.file, self._network = file, network
        self._standing = replace(self._standing, status=self._standing.status.with_(network=file.network))

    async def close(self) -> None:
        """Wait until the last action is carried out, and close what is open."""
        await self.keeper.settle()
        self.keeper.close()
        self._wait(0)
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        if self._worker_log is not None:
            self._worker_log.close()
            self._worker_log = None

    async def set_up(self, signal: Signal) -> Ready | Exited | None:
        """Handle a signal that starts a worker, and return how that went; nothing when it takes too long."""
        self._set_up = asyncio.get_running_loop().create_future()
        self.keeper.recovered()
        self.handle(signal)
        try:
            return await asyncio.wait_for(asyncio.shield(self._set_up), self._around.settings.start_timeout)
        except TimeoutError:
            return None

    async def until(self, state: SessionState) -> None:
        """Wait for a state, at most ``start_timeout``, and no longer than it can still come."""
        try:
            async with asyncio.timeout(self._around.settings.start_timeout):
                while self._standing.status.state is not state and not self._standing.status.state.is_final:
                    await self._changed.wait()
        except TimeoutError:
            log.debug("%s: still %s", self.account, self._standing.status.state)

    def handle(self, signal: Signal) -> None:
        before = self._standing.status
        done = step(self._standing, signal, self._clock.now(), self._around.limits)
        self._standing = done.standing
        self._follow(before, signal)
        self._remember(signal)
        if done.wait is not None:
            self._wait(done.wait)
        self._announce(before)
        if done.action is Action.PROBE:
            self.keeper.spawn(self._probe())
        else:
            self.keeper.do(done.action)

    def _follow(self, before: SessionStatus, signal: Signal) -> None:
        """Keep the books of listening: since when and why it does not, and the gap once it does again."""
        status, now = self._standing.status, self._clock.now()
        was, is_on = before.state is SessionState.CONNECTED, status.state is SessionState.CONNECTED
        if was and not is_on:
            lost_at = self._lost_at(signal)
            self._standing = replace(self._standing, status=status.with_(last_connected_at=lost_at))
            self._books.lost(lost_at, _cause(signal, status.state))
            if self._clock.monotonic() - self._online_at > _STEADY:
                self.keeper.recovered()
        elif is_on and not was:
            self._online_at = self._clock.monotonic()
            self._last_traffic = now
            self._books.found(now)
            if status.push_name is None and (self._naming is None or self._naming.done()):
                self._naming = self.keeper.spawn(self._find_name())

    def _lost_at(self, signal: Signal) -> datetime:
        """Return when the session last listened, as far as anybody can know."""
        now = self._clock.now()
        match signal:
            case Unanswered():
                return self._last_traffic or now
            case Exited() | Silent():
                return max((at for at in (self._last_traffic, self._alive_at) if at is not None), default=now)
        return now

    def _remember(self, signal: Signal) -> None:
        """Keep ``account.json`` true."""
        file = self.file
        match signal:
            case Linked(device) | DeviceKnown(device):
                linked = file if file.is_linked else file.linked(device, f"+{JID.parse(device).user}", self._clock.now())
                file = linked.with_(device=device)
                if isinstance(signal, DeviceKnown):
                    file = file.with_(lid=signal.lid or file.lid, push_name=signal.push_name or file.push_name)
            case NameKnown(name):
                file = file.with_(push_name=name)
            case LoggedOut():
                file = file.unlinked()
            case Unlinked():
                self.file = AccountFile(account=self.account)
                return
        if file != self.file or self._unsaved:
            self.file = file
            self._save()

    def _save(self) -> None:
        """Write ``account.json``; what a full disk refuses is written with the next signal."""
        try:
            self.file.save(self._around.workspace)
            self._unsaved = False
        except StorageFull as exc:
            self._unsaved = True
            log.warning("%s: %s", self.account, exc.message)

    def _announce(self, before: SessionStatus) -> None:
        status = self._standing.status
        if status == before:
            return
        self._books.state(before, self.status)
        if status.state is not before.state:
            name = on_network(self.account, status.network)
            log.info("%s: %s → %s%s", name, before.state, status.state, f" ({status.reason})" if status.reason else "")
        self._changed.set()
        self._changed = asyncio.Event()
        self._around.on_status(self.status)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds > 0:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._timer_rang)

    def _timer_rang(self) -> None:
        self._timer = None
        if self._standing.status.state is SessionState.CONNECTED and self._last_traffic is not None:
            quiet = (self._clock.now() - self._last_traffic).total_seconds()
            if quiet < self._around.limits.deaf:
                self._wait(max(0.05, self._around.limits.deaf - quiet))
                return
        self.handle(TimedOut())

    def _plan(self) -> Plan:
        assert self._worker_log is not None
        status = self._standing.status
        self._standing = replace(self._standing, status=status.with_(restarts=status.restarts + 1))
        orders = {
            "journal": str(self._around.workspace.journal_dir(self.account)),
            "media": str(self._around.workspace.media),
            "flush": self._around.settings.journal_flush,
            "lock": str(self._around.workspace.worker_lock(self.account)),
            "database": str(self._around.workspace.session_db(self.account)),
            "device": self.file.device,
            "name": f"wakit ({self.account})",
            "noise_root": self._network.noise_root.hex() if self._network else None,
        }
        folder = self._around.workspace.account_dir(self.account)
        return Plan(orders=orders, network=self._network, folder=folder, log=self._worker_log)

    def _on_message(self, message: dict[str, Any], is_current: bool) -> None:
        if "seq" in message:
            self._heard(message)
        signal = _signal_in(message, self._clock.now()) if is_current else None
        if isinstance(signal, Ready):
            self._resolve(signal)
        if signal is not None:
            self.handle(signal)

    def _expect_a_beat(self) -> None:
        """Take a worker whose heartbeat stops for dead, however alive its process is."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        run = self.keeper.run
        self._heartbeat = asyncio.get_running_loop().call_later(self._around.limits.silent, self._missed, run)

    def _missed(self, run: object) -> None:
        if run is not None and run is self.keeper.run:
            self.handle(Silent())

    def _heard(self, message: dict[str, Any]) -> None:
        now = self._clock.now()
        if message["ev"] == "beat":
            # It proves that the process lived; what it had taken and not journaled may be a beat older.
            self._alive_at = now - timedelta(seconds=BEAT)
            self._expect_a_beat()
            heard = now - timedelta(seconds=message["age"])
            self._last_traffic = max(self._last_traffic or heard, heard)
        else:
            self._last_traffic = now
        self._around.on_journal(self.account, message["seq"])

    def _on_exited(self, exited: Exited, pid: int | None, noted: bool) -> None:
        if not noted:
            note = {"ended": pid, "code": exited.code, "cause": exited.cause, "reason": exited.reason}
            self._books.write(EventCode.WORKER, note)
        self.handle(exited)
        self._resolve(exited)

    def _has_room(self) -> bool:
        workspace = self._around.workspace
        folders = (workspace.journal_dir(self.account), workspace.account_dir(self.account))
        return all(has_room(folder) for folder in folders) and self._around.store_has_room()

    def _on_pause(self, until: datetime | None) -> None:
        before = self._standing.status
        self._standing = replace(self._standing, status=before.with_(retry_at=until))
        self._announce(before)
        if until is None or self._standing.scanned_at is not None:
            self._wait(self._standing.patience(self._clock.now(), self._around.limits))

    def _on_ended(self, action: Action) -> None:
        if action is Action.SET_ASIDE:
            self.files.set_aside()
        elif not self.file.is_linked:
            self.files.remove_attempt(keep_account=self.file.phone is not None)

    async def _probe(self) -> None:
        """Ask for our own number: a quiet night answers, a dead connection does not."""
        run, phone = self.keeper.run, self.file.phone
        try:
            await self.keeper.call("is_on_whatsapp", min(_PROBE_SECONDS, self._around.settings.call_timeout), numbers=[phone])
        except RateLimited:
            self._last_traffic = self._clock.now()
        except WakitError:
            if run is self.keeper.run:
                self.handle(Unanswered())
        else:
            self._last_traffic = self._clock.now()

    async def _find_name(self) -> None:
        """Look for the name that the phone gave itself until it is there, or the worker is another one."""
        run = self.keeper.run
        for pause in _NAME_SECONDS:
            await self._clock.sleep(pause)
            if run is not self.keeper.run or self._standing.status.push_name is not None:
                return
            with contextlib.suppress(WakitError):
                name = await self.keeper.call("push_name", _PROBE_SECONDS)
                if name:
                    self.handle(NameKnown(name))

    @property
    def _books(self) -> Ledger:
        assert self._ledger is not None
        return self._ledger

    def _resolve(self, outcome: Ready | Exited) -> None:
        if self._set_up is not None and not self._set_up.done():
            self._set_up.set_result(outcome)


def _cause(signal: Signal, state: SessionState) -> str:
    if isinstance(signal, Exited):
        return signal.cause
    return "offline" if state is SessionState.RECONNECTING else state.value


def _signal_in(message: dict[str, Any], now: datetime) -> Signal | None:
    match message["ev"]:
        case "event":
            return signal_of(message["code"], base64.b64decode(message["data"]), now)
        case "qr":
            return QrShown(message["text"])
        case "login":
            return LoginSaid(message["status"])
        case "ready":
            return Ready(message["device"])
    return None
