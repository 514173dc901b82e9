"""
One worker at a time: started, replaced after pauses that grow, and always ended before the next one starts.

The worker is restarted rather than reconnected, because each ``connect`` of the
library leaks a database handle and its own pauses have no cap. Pauses double
from ``retry_first`` to ``retry_limit`` and are cut at random to half, so that many
accounts do not come back in step after an outage.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wakit.clock import Clock
from wakit.config import Settings
from wakit.errors import NotConnected
from wakit.network import NetworkDescriptor
from wakit.session.channel import ExitCode
from wakit.session.process import WorkerProcess
from wakit.session.signals import Exited
from wakit.session.states import Action
from wakit.session.worker_log import WorkerLog

log = logging.getLogger(__name__)

#: Seconds between two looks at a full disk.
_SPACE_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a worker is started with."""

    orders: dict[str, Any]
    network: NetworkDescriptor | None
    folder: Path
    log: WorkerLog


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """Whom the keeper tells; all are called on the event loop."""

    #: Asked before each start.
    plan: Callable[[], Plan]
    #: Each message of a worker, and whether it is the current one.
    message: Callable[[dict[str, Any], bool], None]
    #: The current worker ended: how, its process id, and whether it journaled that or was not even set up.
    exited: Callable[[Exited, int | None, bool], None]
    #: A pause begins (until when) or ends.
    pause: Callable[[datetime | None], None]
    #: The worker was ended for good, for this reason.
    ended: Callable[[Action], None]
    #: Whether there is room on the disk; may be called in a thread.
    has_room: Callable[[], bool]
    #: The disk has room again.
    space_back: Callable[[], None]


class Keeper:
    """Keeps the worker of one account."""

    def __init__(self, name: str, settings: Settings, clock: Clock, callbacks: Callbacks) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._tell = callbacks
        self._worker: WorkerProcess | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.Task[None]] = set()
        self._current: asyncio.Task[None] | None = None
        self._pauses = 0

    @property
    def pid(self) -> int | None:
        """The process id of the current worker."""
        return self._worker.pid if self._worker else None

    @property
    def run(self) -> object:
        """Something that is another one for each worker, to notice a change behind an await."""
        return self._worker

    async def call(self, name: str, within: float, /, **args: Any) -> Any:
        """Call the library in the current worker; see ``WorkerProcess.call``."""
        if self._worker is None:
            msg = "The account is not connected right now. Nothing was done: try again later."
            raise NotConnected(msg)
        return await self._worker.call(name, within, **args)

    def do(self, action: Action) -> None:
        """Carry out an action of the state machine, instead of the one that is under way."""
        match action:
            case Action.RESTART:
                self._instead(self._restart(self._pause()))
            case Action.RESTART_NOW:
                self._instead(self._restart(0.0))
            case Action.AWAIT_SPACE:
                self._instead(self._await_space())
            case Action.END | Action.SET_ASIDE:
                self._instead(self._end(action))

    def recovered(self) -> None:
        """Let the next pause be the first again."""
        self._pauses = 0

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run *work* until the keeper closes; a failure is logged."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def settle(self) -> None:
        """Wait until the last action is carried out; a restart's pause counts."""
        while self._current is not None and not self._current.done():
            await asyncio.wait([self._current])
        await self._all_ended()

    def close(self) -> None:
        """Cancel what is still running; the worker must have ended."""
        for task in self._tasks:
            task.cancel()

    def _instead(self, work: Coroutine[Any, Any, None]) -> None:
        if self._current is not None and self._current is not asyncio.current_task():
            self._current.cancel()
        worker, self._worker = self._worker, None
        if worker is not None:
            self._ends.add(asyncio.create_task(worker.end(self._settings.stop_timeout)))
        self._current = self.spawn(work)

    async def _restart(self, pause: float) -> None:
        if pause:
            self._tell.pause(self._clock.now() + timedelta(seconds=pause))
        await asyncio.gather(self._all_ended(), self._clock.sleep(pause))
        if pause:
            self._tell.pause(None)
        plan = self._tell.plan()
        worker = self._worker = WorkerProcess(self._on_line, self._on_exit, plan.log)
        try:
            await worker.start(plan.orders, plan.network, plan.folder)
        except OSError as exc:
            self._worker = None
            self._tell.exited(Exited(ExitCode.FAILED, f"no process could be started ({exc.strerror})"), None, True)

    async def _end(self, action: Action) -> None:
        await self._all_ended()
        self._tell.ended(action)

    async def _await_space(self) -> None:
        await self._all_ended()
        while not await asyncio.to_thread(self._tell.has_room):
            await self._clock.sleep(_SPACE_SECONDS)
        self._tell.space_back()

    async def _all_ended(self) -> None:
        while self._ends:
            await asyncio.wait(self._ends)
            self._ends = {task for task in self._ends if not task.done()}

    def _pause(self) -> float:
        longest = min(self._settings.retry_limit, self._settings.retry_first * 2.0 ** min(self._pauses, 32))
        self._pauses += 1
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - jitter is no secret

    def _on_line(self, worker: WorkerProcess, message: dict[str, Any]) -> None:
        self._tell.message(message, worker is self._worker)

    def _on_exit(self, worker: WorkerProcess, code: int, last: dict[str, Any]) -> None:
        if worker is self._worker:
            self._worker = None
            exited = Exited(code, last.get("reason", ""), last.get("error", ""))
            self._tell.exited(exited, worker.pid, last.get("noted", bool(last)))

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s: supervision failed", self._name, exc_info=task.exception())
