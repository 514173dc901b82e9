"""The record of runs: what is done once under a key is not done again, and what was cut off is gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from wakit.clock import ManualClock
from wakit.errors import IdempotencyConflict, InvalidInput, UnknownRun
from wakit.joblock import job_lock
from wakit.model import Run, RunState
from wakit.outbox import Outbox
from wakit.outbox.runs import Planned, Runs
from wakit.paths import Workspace

PLAN = Planned(
    account="default",
    job="notebooks/05_notify",
    key="2026-11-24",
    notebook="notebooks/05_notify.ipynb",
    parameters={"text": "hola"},
    dry_run=False,
)


@dataclass
class Bench:
    """The records over an outbox, whose jobs are alive or not as a test says."""

    runs: Runs
    told: list[Run]
    alive: set[str] = field(default_factory=set)


@pytest.fixture
def bench(workspace: Workspace) -> Iterator[Bench]:
    clock = ManualClock(datetime(2026, 11, 24, 15, tzinfo=UTC))
    outbox = Outbox(workspace.outbox, clock)
    told: list[Run] = []
    alive: set[str] = set()
    yield Bench(Runs(outbox, clock, is_alive=alive.__contains__, told=told.append), told, alive)
    outbox.close()


def test_run_that_is_done_is_given_back_and_nothing_begins(bench: Bench) -> None:
    """A slot that comes twice is work that is done once; who means it can force it."""
    first = bench.runs.begin(PLAN)
    done = bench.runs.finish(first.id, RunState.DONE, result={"sent": 3})
    assert bench.runs.begin(PLAN) == done
    assert [run.state for run in bench.told] == [RunState.RUNNING, RunState.DONE]
    again = bench.runs.begin(PLAN, force=True)
    assert (again.state, again.id != first.id, again.resumes) == (RunState.RUNNING, True, None)


def test_key_that_is_done_with_other_parameters_is_refused(bench: Bench) -> None:
    """Whoever sends something else today must not be told that it is done."""
    done = bench.runs.begin(PLAN)
    bench.runs.finish(done.id, RunState.DONE, result={})
    with pytest.raises(IdempotencyConflict, match="other parameters") as refused:
        bench.runs.begin(replace(PLAN, parameters={"text": "adiós"}))
    assert refused.value.data["id"] == done.id


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.TIMEOUT, RunState.ABORTED, RunState.CRASHED])
def test_run_that_did_not_end_well_is_gone_on_with(bench: Bench, state: RunState) -> None:
    """The next run of the key names the one it goes on with."""
    first = bench.runs.begin(PLAN)
    bench.runs.finish(first.id, state, error="why", result={})
    assert bench.runs.begin(PLAN).resumes == first.id


def test_run_whose_process_is_gone_counts_as_crashed(bench: Bench) -> None:
    """Who begins a job holds its lock, so whatever was running under it was cut off; a list finds that out as well."""
    cut = bench.runs.begin(PLAN)
    assert bench.runs.begin(PLAN).resumes == cut.id
    assert bench.runs.get(cut.id).state is RunState.CRASHED
    bench.alive.add(PLAN.job)
    assert bench.runs.newest()[0].state is RunState.RUNNING
    bench.alive.clear()
    assert [run.state for run in bench.runs.newest(states=[RunState.CRASHED])] == [RunState.CRASHED] * 2
    assert len(bench.told) == 4


def test_dry_run_does_not_keep_the_real_one_from_its_work(bench: Bench) -> None:
    """What was rehearsed is not done."""
    dry = bench.runs.begin(replace(PLAN, dry_run=True))
    bench.runs.finish(dry.id, RunState.DONE, result={})
    assert bench.runs.begin(PLAN).state is RunState.RUNNING


def test_run_ends_once(bench: Bench) -> None:
    """A late end changes nothing, and nobody can end what never was, or as running."""
    run = bench.runs.begin(PLAN)
    bench.runs.finish(run.id, RunState.DONE, output="data/runs/x.ipynb", result={"sent": 1})
    with pytest.raises(InvalidInput, match="done already"):
        bench.runs.finish(run.id, RunState.FAILED, result={})
    with pytest.raises(InvalidInput, match="as running"):
        bench.runs.finish(run.id, RunState.RUNNING, result={})
    with pytest.raises(UnknownRun):
        bench.runs.finish("0" * 32, RunState.DONE, result={})
    assert bench.runs.find("0" * 32) is None
    assert bench.runs.get(run.id).result == {"sent": 1}


def test_records_outlive_their_process(bench: Bench, workspace: Workspace) -> None:
    """What began is on the disk before anything else happens."""
    run = bench.runs.begin(PLAN)
    other = Outbox(workspace.outbox, ManualClock(datetime(2026, 11, 25, tzinfo=UTC)))
    assert Runs(other, ManualClock(datetime(2026, 11, 25, tzinfo=UTC)), is_alive=bool, told=list).get(run.id) == run
    other.close()


def test_lock_of_a_job_takes_any_name(workspace: Workspace) -> None:
    """A job's name never becomes a path."""
    with job_lock(workspace, "../../etc/passwd"), job_lock(workspace, "a/b \N{SNOWMAN}"):
        assert all(path.parent == workspace.runs / "locks" for path in workspace.runs.rglob("*.lock"))
