"""Scheduled runs as processes, each with its kernel: by the host's clock and ``wakit run``, and by jupyter-scheduler."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import nbformat
import psutil
import pytest
from hosts import ending, kill, until

from wakit.client import Client, connect
from wakit.clock import ManualClock, SystemClock
from wakit.config import Settings
from wakit.host.errand import Ended
from wakit.host.scheduler import Scheduler
from wakit.model import Run, RunState
from wakit.outbox import Outbox
from wakit.outbox.schedules import Schedules
from wakit.paths import Workspace
from wakit.schedule import FiringState, Schedule

pytestmark = pytest.mark.outbox

#: Where something of a run holds it up until a test ends it.
HELD = "held"
PATIENCE = 90.0
WORK = f"""
import os, time, wakit
from IPython.display import display
wa = wakit.connect(start=False)
if (wa.workspace.root / {HELD!r}).exists():
    time.sleep(120)
told = {{"who": who, "key": run_key, "root": str(wa.workspace.root), "cwd": os.getcwd()}}
display({{"application/vnd.wakit.result+json": told, "text/plain": str(told)}}, raw=True)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a notebook that tells what it was given and where it found itself; its host ends with the module."""
    with ending(Workspace(tmp_path_factory.mktemp("clock") / "shop").create()) as place:
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        given = nbformat.v4.new_code_cell("who = 'nobody'\nrun_key = None", metadata={"tags": ["parameters"]})
        cells = [given, nbformat.v4.new_code_cell(WORK)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), place.root / "told.ipynb")
        yield place


def add_due(workspace: Workspace) -> Schedule:
    """Add, without a host, a schedule for every minute; its first slot has just been missed."""
    clock = ManualClock(SystemClock().now() - timedelta(seconds=61))
    outbox = Outbox(workspace.outbox, clock)
    with contextlib.closing(outbox):
        scheduler = Scheduler(Schedules(outbox, clock), workspace, Settings(), clock, run=_never)
        return scheduler.add("* * * * *", workspace.root / "told.ipynb", {"who": "Ana"}, send=True)


async def _never(_schedule: Schedule, _key: str) -> Ended:
    raise AssertionError("nothing is run before the host is there")


def run_of(client: Client, key: str, state: RunState) -> Run:
    """Wait for the newest run of *key* to be in *state*, and return it."""
    found: list[Run] = []

    def there() -> bool:
        found[:] = [one for one in client.runs(limit=20) if one.key == key][:1]
        return bool(found) and found[0].state is state

    until(there, PATIENCE)
    return found[0]


def cut_off(workspace: Workspace) -> None:
    """Kill the host and, as a power cut does, the process of the run that it started."""
    host = psutil.Process(kill(workspace, signal.SIGSTOP))
    (process,) = [one for one in host.children() if "run" in one.cmdline()]
    kill(workspace)
    os.killpg(process.pid, signal.SIGKILL)


def test_scheduled_run_that_was_cut_off_is_gone_on_with_and_its_slot_is_run_once(workspace: Workspace) -> None:
    """The next host asks for the same key, the new run resumes the old one, and who asks again finds it done."""
    held = workspace.root / HELD
    held.touch()
    schedule = add_due(workspace)
    with connect(workspace) as wa:
        until(lambda: len(wa.firings(schedule.name)) > 0, PATIENCE)
        firing = wa.firings(schedule.name)[-1]
        assert firing.key == schedule.key(firing.slot)
        first = run_of(wa, firing.key, RunState.RUNNING)
        wa.pause_schedule(schedule.name)  # a minute later there would be another slot
    cut_off(workspace)
    held.unlink()
    with connect(workspace) as wa:
        done = run_of(wa, firing.key, RunState.DONE)
        assert (done.resumes, done.dry_run, done.notebook) == (first.id, False, "told.ipynb")
        root = str(workspace.root)
        assert done.result == {"who": "Ana", "key": firing.key, "root": root, "cwd": root}
        until(lambda: (firing.key, FiringState.DONE) in [(one.key, one.state) for one in wa.firings(schedule.name)], PATIENCE)
        runs = wa.runs()
        again = [sys.executable, "-P", "-m", "wakit.cli", "run", str(workspace.root / "told.ipynb"), "-p", "who=Ana", "--send"]
        asked = subprocess.run(
            [*again, "--key", firing.key], env={}, cwd="/", capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        assert done.id in asked.stdout
        assert wa.runs() == runs


SCHEDULER = """
import json, sys, time

sys.modules["rfc3987_syntax"] = None  # seconds of two processes for a grammar that nobody here needs
from jupyter_scheduler.environments import CondaEnvironmentManager
from jupyter_scheduler.models import CreateJob
from jupyter_scheduler.orm import create_tables
from jupyter_scheduler.scheduler import Scheduler

if __name__ == "__main__":
    root, staging = sys.argv[1:]
    url = f"sqlite:///{staging}/scheduler.sqlite"
    create_tables(url)
    made = Scheduler(root_dir=root, environments_manager=CondaEnvironmentManager(), db_url=url, staging_path=staging)
    made.task_runner = None
    asked = CreateJob(
        **{"name": "told", "input_uri": "told.ipynb", "output_formats": ["ipynb"]},
        **{"runtime_environment_name": "python", "parameters": {"who": "'Ana'"}},
    )
    job = made.create_job(asked)
    while (found := made.get_job(job, False)).status not in ("COMPLETED", "FAILED"):
        time.sleep(0.05)
    print(json.dumps([found.status, found.status_message, made.get_staging_paths(found)["ipynb"]]))
"""


@pytest.mark.skipif(importlib.util.find_spec("jupyter_scheduler") is None, reason="jupyter-scheduler is not installed")
def test_job_of_jupyter_scheduler_works_on_the_workspace_of_its_server(workspace: Workspace, tmp_path: Path) -> None:
    """It runs a copy elsewhere; with ``WAKIT_HOME`` in the environment of the server the copy finds the host that is there."""
    program, staging = tmp_path / "server.py", tmp_path / "scheduler_staging_area"
    program.write_text(SCHEDULER)
    staging.mkdir()
    variables = {"PATH": os.defpath, "HOME": str(tmp_path), "WAKIT_HOME": str(workspace.root)}
    argv = [sys.executable, str(program), str(workspace.root), str(staging)]
    with connect(workspace):
        ran = subprocess.run(argv, env=variables, cwd=tmp_path, capture_output=True, text=True, timeout=150, check=False)
    assert ran.returncode == 0, ran.stderr
    status, why, output = json.loads(ran.stdout.splitlines()[-1])
    assert status == "COMPLETED", why
    (told,) = [out.data for cell in nbformat.read(output, 4).cells for out in cell.get("outputs", ()) if "data" in out]
    place = {"root": str(workspace.root), "cwd": str(Path(output).parent)}
    assert told["application/vnd.wakit.result+json"] == {"who": "Ana", "key": None, **place}
