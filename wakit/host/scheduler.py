"""
Runs notebooks by the clock: once for each slot, one run of a schedule at a time, and a missed one once.

When a slot is, APScheduler's triggers say (``slots``). Its scheduler is not used: which
slots are done with is in the outbox, where a host that died can be followed by the
next one, and what remains of a scheduler beside that is to sleep until the first slot.
The sleep is short, because a clock can be set and a laptop can be closed meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakit.clock import Clock
from wakit.config import Settings
from wakit.crontab import Crontab
from wakit.errors import InvalidInput, WakitError
from wakit.host.errand import BUSY, Ended
from wakit.instants import time_zone
from wakit.outbox.schedules import Schedules
from wakit.parameters import require_parameters
from wakit.paths import Workspace
from wakit.schedule import Firing, FiringState, Misfire, Schedule
from wakit.whom import whom

if TYPE_CHECKING:
    from wakit.host.slots import Slots

log = logging.getLogger(__name__)

#: Longest sleep, in seconds.
_LOOK = 15.0
#: Seconds between two tries where another run of the same notebook goes on, and for how long.
BUSY_PAUSE, BUSY_PATIENCE = 30.0, 3600.0
#: How often a run is begun that hosts die over.
STARTS = 3

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z", re.ASCII)


class Scheduler:
    """
    The schedules of one host.

    Args:
        workspace: Whose notebooks they are, but for those that lie elsewhere.
        run: Carries out the run of a schedule under a key, and ends it when it is cancelled.
    """

    def __init__(
        self,
        ledger: Schedules,
        workspace: Workspace,
        settings: Settings,
        clock: Clock,
        *,
        run: Callable[[Schedule, str], Awaitable[Ended]],
    ) -> None:
        self.ledger = ledger
        self._workspace = workspace
        self._settings = settings
        self._clock = clock
        self._run = run
        self._bell = asyncio.Event()
        #: The run of each schedule that goes on, by the schedule's id.
        self._running: dict[str, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing ever will."""
        return not self._running and self.ledger.next_at() is None

    def start(self) -> None:
        """Go on with what the last host did not see the end of, and look after the slots from now on."""
        self.resume_cut_off()
        self._watch = asyncio.create_task(self._look_after(), name="scheduler")

    def resume_cut_off(self) -> None:
        """Begin again, under its key, what was running when the last host ended; call once."""
        for schedule, firing, starts in self.ledger.cut_off():
            self._go_on(schedule, firing, starts)

    async def close(self) -> None:
        """End the runs that go on; the next host begins them again under their keys."""
        tasks = [*self._running.values(), *([self._watch] if self._watch else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def add(
        self,
        cron: str,
        notebook: Path,
        parameters: Mapping[str, Any],
        *,
        name: str | None = None,
        send: bool = False,
        zone: str | None = None,
        misfire: Misfire = Misfire.ONCE,
        notify: Sequence[str] = (),
    ) -> Schedule:
        """
        Run *notebook* whenever *cron* is due in *zone*.

        Raises:
            InvalidInput: The line, the zone, the notebook, its parameters, the name or who is told cannot be used; nothing was
                stored.
        """
        zone = zone or self._settings.timezone
        now = self._clock.now()
        found = Schedule(
            id="",
            name=_name(name, notebook),
            cron=Crontab.parse(cron).line,
            zone=time_zone(zone).key,
            notebook=self._placed(notebook),
            parameters=dict(parameters),
            send=send,
            misfire=misfire,
            notify=tuple(notify),
            created_at=now,
        )
        found = found.with_(next_at=_slots(found).after(now))
        require_parameters(notebook, parameters)
        for one in notify:
            whom(one, self._settings)
        added = self.ledger.add(found)
        self._bell.set()
        return added

    async def remove(self, name: str) -> Schedule:
        """Forget a schedule; a run of it that goes on is ended."""
        schedule = self.ledger.get(name)
        if (task := self._running.get(schedule.id)) is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return self.ledger.remove(name)

    def resume(self, name: str) -> Schedule:
        """Go on with the first slot from now on: what came while it was paused was meant not to run."""
        schedule = self.ledger.get(name)
        if schedule.paused_at is not None:
            schedule = self.ledger.resume(name, _slots(schedule).after(self._clock.now()))
            self._bell.set()
        return schedule

    def run_now(self, name: str) -> Firing:
        """
        Begin a run at once, beside the slots.

        Raises:
            InvalidInput: One goes on.
        """
        schedule = self.ledger.get(name)
        if schedule.id in self._running:
            raise InvalidInput(f"A run of {name!r} goes on. Wait for its end: wakit schedule list", name=name)
        firing = self.ledger.begin_by_hand(schedule)
        self._begin(schedule, firing)
        return firing

    def look(self) -> None:
        """Deal with every slot that has come."""
        for schedule in self.ledger.due():
            try:
                self._deal(schedule)
            except WakitError as exc:
                log.warning("schedule %s: %s", schedule.name, exc.message)

    async def settled(self) -> None:
        """Wait for the runs that go on now."""
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _deal(self, schedule: Schedule) -> None:
        assert schedule.next_at is not None
        now, slots = self._clock.now(), _slots(schedule)
        slot = slots.newest(schedule.next_at, now)
        late, following = now - slot, slots.after(now)
        was_missed = late > timedelta(seconds=self._settings.schedule_grace)
        if schedule.id in self._running:
            self.ledger.skip(schedule, slot, following, "The run before it was still going on.")
        elif was_missed and schedule.misfire is Misfire.SKIP:
            self.ledger.skip(schedule, slot, following, f"No host was running; it would have been {_span(late)} late.")
        else:
            why = f"No host was running: {_span(late)} late." if was_missed else None
            firing = self.ledger.begin(schedule, slot, following, why=why)
            if firing is not None:
                self._begin(schedule, firing)

    def _go_on(self, schedule: Schedule, firing: Firing, starts: int) -> None:
        if starts > STARTS:
            self.ledger.end(firing.key, FiringState.FAILED, why=f"{STARTS} hosts ended during it.")
        elif schedule.misfire is Misfire.SKIP:
            self.ledger.end(firing.key, FiringState.FAILED, why="The host ended during it.")
        else:
            self._begin(schedule, firing)

    def _begin(self, schedule: Schedule, firing: Firing) -> None:
        log.info("schedule %s runs for its slot %s", schedule.name, firing.slot.isoformat())
        task = self._running[schedule.id] = asyncio.create_task(self._carry_out(schedule, firing), name=f"run-{firing.key}")
        task.add_done_callback(lambda _: self._running.pop(schedule.id, None))

    async def _carry_out(self, schedule: Schedule, firing: Firing) -> None:
        try:
            ended = await self._until_free(schedule, firing.key)
            why = ended.why or _verdict(ended.code)
            state = FiringState.FAILED if why else FiringState.DONE
            self.ledger.end(firing.key, state, code=ended.code, why=why, output=ended.output)
        except WakitError as exc:  # no room for a process or for its file
            why = exc.message
            with contextlib.suppress(WakitError):
                self.ledger.end(firing.key, FiringState.FAILED, why=why)
        if why:
            log.warning("schedule %s, slot %s: %s", schedule.name, firing.slot.isoformat(), why)

    async def _until_free(self, schedule: Schedule, key: str) -> Ended:
        """Run; where another run of the same notebook goes on, wait for its end within bounds."""
        deadline = self._clock.monotonic() + BUSY_PATIENCE
        while True:
            ended = await self._run(schedule, key)
            if ended.code != BUSY or self._clock.monotonic() >= deadline:
                return ended
            await self._clock.sleep(BUSY_PAUSE)

    async def _look_after(self) -> None:
        while True:
            self._bell.clear()
            pause = _LOOK
            try:
                self.look()
                first = self.ledger.next_at()
                if first is not None:
                    pause = min(_LOOK, max(0.0, (first - self._clock.now()).total_seconds()))
            except WakitError as exc:  # the ledger's own file: a full disk
                log.warning("no schedule was looked after: %s", exc.message)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._bell.wait()

    def _placed(self, notebook: Path) -> str:
        if not notebook.is_absolute() or notebook.suffix != ".ipynb" or not notebook.is_file():
            msg = f"There is no notebook {str(notebook)[:256]!r}. Give the path of an .ipynb file."
            raise InvalidInput(msg, notebook=str(notebook)[:256])
        return self._workspace.naming(notebook)


def _name(name: str | None, notebook: Path) -> str:
    chosen = name if name is not None else re.sub(r"[^a-z0-9_-]+", "-", notebook.stem.lower()).strip("-_")[:40]
    if not _NAME.match(chosen):
        msg = f'{chosen[:64]!r} cannot be the name of a schedule: 1 to 40 of a-z, 0-9, "_" and "-". Choose a --name.'
        raise InvalidInput(msg, name=chosen[:64])
    return chosen


def _slots(schedule: Schedule) -> Slots:
    from wakit.host.slots import Slots  # APScheduler: only for those hosts that have a schedule

    return Slots(Crontab.parse(schedule.cron), time_zone(schedule.zone))


def _verdict(code: int) -> str | None:
    if code == BUSY:
        return f"Another run of this notebook was going on for {_span(timedelta(seconds=BUSY_PATIENCE))}."
    return f"It ended with exit code {code}." if code else None


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
