"""What the host does about slots: each once, none over another, missed ones once, cut off ones again."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.errors import InvalidInput, NameTaken, UnknownSchedule
from wakit.host.errand import BUSY, Ended, Errands
from wakit.host.scheduler import STARTS, Scheduler
from wakit.outbox import Outbox
from wakit.outbox.schedules import Schedules
from wakit.paths import Workspace
from wakit.schedule import FiringState, Misfire, Schedule

#: 8:59:30 in Bogotá.
START = datetime(2026, 11, 24, 13, 59, 30, tzinfo=UTC)
NINE = "2026-11-24T14:00Z"
DAY = 86_400
TOLD = ("command:logger wakit",)


class Office:
    """A workspace with one notebook, whose hosts come and go; runs are noted and end when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.workspace = Workspace(folder / "shop").create()
        self.clock = ManualClock(START)
        self.notebook = self.workspace.root / "notify.ipynb"
        self.notebook.write_text(json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        #: Keys of the runs that were begun.
        self.begun: list[str] = []
        #: How the coming runs end; without one a run goes on until it is cancelled.
        self.endings: list[Ended] = []

    async def run(self, schedule: Schedule, key: str) -> Ended:
        assert schedule.notebook == "notify.ipynb"
        self.begun.append(key.partition("@")[2])
        if not self.endings:
            await asyncio.Event().wait()
        return self.endings.pop(0)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Scheduler]:
        outbox = Outbox(self.workspace.outbox, self.clock)
        ledger = Schedules(outbox, self.clock)
        scheduler = Scheduler(ledger, self.workspace, Settings(), self.clock, run=self.run)
        scheduler.resume_cut_off()
        try:
            yield scheduler
        finally:
            await scheduler.close()
            outbox.close()

    def add(self, scheduler: Scheduler, **how: Any) -> Schedule:
        return scheduler.add("0 9 * * MON-SAT", self.notebook, {}, **how)

    async def begin_at_nine(self, scheduler: Scheduler) -> None:
        """Add a schedule, and let the run of its first slot begin."""
        self.add(scheduler)
        self.clock.advance(31)
        scheduler.look()
        await asyncio.sleep(0)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def states(scheduler: Scheduler) -> list[FiringState]:
    return [firing.state for firing in scheduler.ledger.firings("notify")]


def test_slot_is_run_once(office: Office) -> None:
    """Looking again, or another host that finds the same slot, begins nothing."""

    async def scene() -> None:
        async with office.open() as scheduler:
            added = office.add(scheduler)
            assert added.next_at == datetime(2026, 11, 24, 14, tzinfo=UTC)
            scheduler.look()
            assert office.begun == []
            office.clock.advance(31)
            office.endings = [Ended(code=0, output="sent 3")]
            scheduler.look()
            scheduler.look()
            await scheduler.settled()
            assert office.begun == [NINE]
            following = datetime(2026, 11, 25, 14, tzinfo=UTC)
            assert scheduler.ledger.begin(added, added.next_at, following) is None
            (firing,) = scheduler.ledger.firings("notify")
            assert (firing.state, firing.exit_code, firing.output) == (FiringState.DONE, 0, "sent 3")
            assert firing.key == f"{added.id}@{NINE}"
            shown = scheduler.ledger.get("notify")
            assert shown.next_at == datetime(2026, 11, 25, 14, tzinfo=UTC)
            assert shown.last is not None
            assert (shown.last.state, shown.last.output) == (FiringState.DONE, None)

    run(scene())


def test_notebook_elsewhere_and_who_is_told_are_kept(office: Office, tmp_path: Path) -> None:
    """A notebook of the workspace is known by its place there, another one by its path; those who are told are the schedule's."""

    async def scene() -> None:
        elsewhere = tmp_path / "elsewhere.ipynb"
        elsewhere.write_bytes(office.notebook.read_bytes())
        async with office.open() as scheduler:
            office.add(scheduler, notify=TOLD)
            scheduler.add("0 9 * * *", elsewhere, {})
            shown = [(one.notebook, one.notify) for one in scheduler.ledger.all()]
            assert shown == [("notify.ipynb", TOLD), (str(elsewhere), ())]

    run(scene())


def test_run_that_goes_on_is_not_overlapped(office: Office) -> None:
    """A slot that comes meanwhile is noted as not run, with the reason."""

    async def scene() -> None:
        async with office.open() as scheduler:
            await office.begin_at_nine(scheduler)
            office.clock.advance(DAY)
            scheduler.look()
            await asyncio.sleep(0)
            assert office.begun == [NINE]
            newest, oldest = scheduler.ledger.firings("notify")
            assert (newest.state, oldest.state) == (FiringState.SKIPPED, FiringState.RUNNING)
            assert newest.why == "The run before it was still going on."
            with pytest.raises(InvalidInput, match="goes on"):
                scheduler.run_now("notify")

    run(scene())


@pytest.mark.parametrize(("misfire", "begun"), [(Misfire.ONCE, ["2026-11-28T14:00Z"]), (Misfire.SKIP, [])])
def test_missed_slots_are_caught_up_once_or_not(office: Office, misfire: Misfire, begun: list[str]) -> None:
    """After five days without a host there is one run, for the newest slot, or none."""

    async def scene() -> None:
        async with office.open() as scheduler:
            office.add(scheduler, misfire=misfire)
        office.clock.advance(5 * DAY)  # Sunday morning: the last slot was Saturday's
        async with office.open() as scheduler:
            office.endings = [Ended(code=0)]
            scheduler.look()
            await scheduler.settled()
            assert office.begun == begun
            (firing,) = scheduler.ledger.firings("notify")
            assert firing.why is not None
            assert "No host was running" in firing.why
            assert scheduler.ledger.get("notify").next_at == datetime(2026, 11, 30, 14, tzinfo=UTC)

    run(scene())


def test_run_that_was_cut_off_is_begun_again_under_its_key(office: Office) -> None:
    """The next host asks for the same run; one that hosts keep dying over is given up."""

    async def scene() -> None:
        async with office.open() as scheduler:
            await office.begin_at_nine(scheduler)
        for _ in range(STARTS - 1):
            async with office.open():
                await asyncio.sleep(0)
        assert office.begun == [NINE] * STARTS
        async with office.open() as scheduler:
            await asyncio.sleep(0)
            assert len(office.begun) == STARTS
            assert states(scheduler) == [FiringState.FAILED]
            assert scheduler.ledger.firings("notify")[0].why == f"{STARTS} hosts ended during it."

    run(scene())


def test_run_waits_for_another_run_of_its_notebook(office: Office) -> None:
    """Exit code 75 is tried again; any other one but 0 is a failure with its output kept."""

    async def scene() -> None:
        async with office.open() as scheduler:
            office.add(scheduler)
            office.endings = [Ended(code=BUSY), Ended(code=BUSY), Ended(code=1, output="NameError")]
            office.clock.advance(31)
            scheduler.look()
            await scheduler.settled()
            assert office.begun == [NINE] * 3
            (firing,) = scheduler.ledger.firings("notify")
            assert (firing.state, firing.why, firing.output) == (FiringState.FAILED, "It ended with exit code 1.", "NameError")

    run(scene())


def test_paused_schedule_has_no_slots_and_catches_nothing_up(office: Office) -> None:
    """Who pauses means it; the host may leave meanwhile."""

    async def scene() -> None:
        async with office.open() as scheduler:
            office.add(scheduler)
            assert not scheduler.is_idle
            scheduler.ledger.pause("notify")
            assert scheduler.is_idle
            office.clock.advance(2 * DAY)
            scheduler.look()
            resumed = scheduler.resume("notify")
            assert resumed.next_at == datetime(2026, 11, 26, 14, tzinfo=UTC)
            assert resumed.paused_at is None
            scheduler.look()
            assert office.begun == []

    run(scene())


def test_run_by_hand_leaves_the_slots_alone(office: Office) -> None:
    """A run that somebody asks for has a key of its own, and the slot comes nevertheless."""

    async def scene() -> None:
        async with office.open() as scheduler:
            office.add(scheduler)
            office.endings = [Ended(code=0), Ended(code=0)]
            scheduler.run_now("notify")
            await scheduler.settled()
            office.clock.advance(31)
            scheduler.look()
            await scheduler.settled()
            assert office.begun == ["2026-11-24T13:59:30.000000Z", NINE]

    run(scene())


def test_what_cannot_be_used_is_refused_before_anything_is_stored(office: Office) -> None:
    """A line, a zone, a notebook or a name that is wrong leaves no schedule."""
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cron": "0 0 30 2 *"}, "never due"),
        ({"zone": "America/Bogotá"}, "no time zone"),
        ({"notebook": office.workspace.root / "none.ipynb"}, "no notebook"),
        ({"name": "Ñ"}, "cannot be the name"),
        ({"parameters": {"lista": "clientes"}}, "no parameter 'lista'"),
        ({"notify": ["ana"]}, "nobody who can be told"),
        ({"notify": ["http://example.com/x"]}, "https://"),
    ]

    async def scene() -> None:
        async with office.open() as scheduler:
            for how, complaint in wrong:
                given = {"cron": "0 9 * * *", "notebook": office.notebook, "parameters": {}, **how}
                with pytest.raises(InvalidInput, match=complaint):
                    scheduler.add(**given)
            assert scheduler.ledger.all() == []
            office.add(scheduler)
            with pytest.raises(NameTaken):
                office.add(scheduler)
            await scheduler.remove("notify")
            with pytest.raises(UnknownSchedule):
                scheduler.ledger.get("notify")

    run(scene())


STUB = """
import os, sys, time
print(os.environ["WAKIT_HOME"], os.getcwd(), sys.argv[1:], flush=True)
time.sleep(60 if "slow=1" in sys.argv else 0)
sys.exit(3)
"""


def errands(office: Office, seconds: float) -> Errands:
    return Errands(office.workspace, seconds=seconds, grace=5, program=(sys.executable, "-c", STUB))


def scheduled(**how: Any) -> Schedule:
    return Schedule(id="a1", name="n", cron="0 9 * * *", zone="UTC", notebook="notify.ipynb", created_at=START, **how)


def test_process_of_a_run_is_told_what_to_do_and_its_end_is_kept(office: Office) -> None:
    """It runs in the workspace with its parameters and key; exit code and output come back, and no file is left."""

    async def scene() -> None:
        ended = await errands(office, 30).run(scheduled(parameters={"to": "ana", "n": 3}, send=True, notify=TOLD), f"a1@{NINE}")
        root = office.workspace.root
        argv = ["run", "notify.ipynb", "-p", "to=ana", "-p", "n=3", "--send", "--notify", *TOLD, "--key", f"a1@{NINE}"]
        assert (ended.code, ended.output.strip()) == (3, f"{root} {root} {argv}")
        assert not list(office.workspace.logs.glob("schedule-*"))

    run(scene())


def test_process_of_a_run_that_takes_too_long_is_ended(office: Office) -> None:
    """A run has a bound, and the reason says which setting it is."""

    async def scene() -> None:
        ended = await errands(office, 0.2).run(scheduled(parameters={"slow": "1"}), f"a1@{NINE}")
        assert ended.code < 0
        assert ended.why is not None
        assert "WAKIT_SCHEDULE_LIMIT" in ended.why

    run(scene())
