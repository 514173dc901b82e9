"""F36: runs that overlap, are killed, come twice, or are told something hostile."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hosts import ending, until

import wakit
from wakit.client import Client, connect
from wakit.errors import IdempotencyConflict, InvalidInput, NotebookRefused, RunBusy, RunFailed, RunTimeout
from wakit.joblock import job_lock
from wakit.model import Run, RunState
from wakit.paths import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

_PARAMETERS = "count = 1\nname = 'x'\ndry_run = True\nrun_key = None"
_WORK = """
import os, time, wakit
from IPython.display import display
wa = wakit.connect()
if name == "slow":
    time.sleep(120)
if name == "send":
    wa.send("+573001234567", "hola")
display({"application/vnd.wakit.result+json": {"count": count, "name": name, "key": run_key}, "text/plain": ""}, raw=True)
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A workspace with a notebook that tells what it was given, and one without a parameters cell."""
    with ending(Workspace(tmp_path_factory.mktemp("f36") / "shop").create()) as workspace, connect(workspace) as found:
        write(workspace.root / "told.ipynb", ["parameters"])
        write(workspace.root / "bare.ipynb", [])
        yield found


def write(path: Path, tags: list[str]) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(_PARAMETERS, metadata={"tags": tags}), nbformat.v4.new_code_cell(_WORK)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


def run(client: Client, parameters: dict[str, Any] | None = None, **more: Any) -> Any:
    return wakit.run(client.workspace.root / "told.ipynb", parameters, workspace=client.workspace, **more)


def started(client: Client, *more: str) -> subprocess.Popen[bytes]:
    """Start ``wakit run`` as cron does: with an empty environment, from another folder."""
    notebook = str(client.workspace.root / "told.ipynb")
    argv = [sys.executable, "-m", "wakit.cli", "run", notebook, "-p", "name=slow", *more]
    env = {"WAKIT_HOME": str(client.workspace.root)}
    return subprocess.Popen(argv, env=env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def running(client: Client, key: str) -> Run:
    """Wait until the run of *key* goes on, and return it."""
    found: list[Run] = []

    def goes_on() -> bool:
        found[:] = [one for one in client.runs(states=["running"]) if one.key == key]
        return bool(found)

    until(goes_on, 60)
    return found[0]


def test_F36_same_key_twice_is_done_once(client: Client) -> None:
    """The second is a no-op; hostile values arrive as they are, and neither they nor the file's metadata leave the record."""
    hostile = "../../{count}\"\n\\'); import os #"
    first = run(client, {"name": hostile, "count": "3"}, send=True, key="twice").run
    assert first.result == {"count": 3, "name": hostile, "key": "twice"}
    again = run(client, {"name": hostile, "count": 3}, send=True, key="twice")
    assert (again.was_done, again.run.id) == (True, first.id)
    with pytest.raises(IdempotencyConflict):
        run(client, {"name": "y"}, send=True, key="twice")
    assert first.output is not None
    output = client.workspace.root / first.output
    assert output.resolve().is_relative_to(client.workspace.runs.resolve())
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    metadata = json.loads(output.read_text("utf-8"))["metadata"]
    assert "widgets" not in metadata
    assert not {"parameters", "default_parameters", "environment_variables"} & metadata["papermill"].keys()


@pytest.mark.parametrize(
    "given", [{"__import__('os')": "1"}, {"nmae": "x"}, {"count": "many"}, {"count": True}, {"name": ["x"]}, {"dry_run": False}]
)
def test_F36_wrong_parameters_start_nothing(client: Client, given: dict[str, Any]) -> None:
    """Unknown names, other types and the runner's own parameters are refused before there is a record."""
    before = client.runs()
    with pytest.raises(InvalidInput):
        run(client, given)
    assert client.runs() == before


def test_F36_notebook_without_parameters_or_that_is_not_there_is_refused(client: Client, tmp_path: Path) -> None:
    """What cannot be told anything does not run."""
    with pytest.raises(NotebookRefused, match="parameters"):
        wakit.run(client.workspace.root / "bare.ipynb", workspace=client.workspace)
    with pytest.raises(InvalidInput, match="No such file"):
        wakit.run(tmp_path / "none.ipynb", workspace=client.workspace)


def test_F36_notebook_that_lies_elsewhere_is_on_record_by_its_path(client: Client, tmp_path: Path) -> None:
    """It runs on the workspace that is named, beside a notebook of its name, and its output is in the workspace."""
    write(tmp_path / "told.ipynb", ["parameters"])
    with job_lock(client.workspace, "told"):
        done = wakit.run(tmp_path / "told.ipynb", workspace=client.workspace).run
    assert (done.notebook, done.job) == (str(tmp_path / "told.ipynb"), str(tmp_path / "told"))
    assert done.output is not None
    assert (client.workspace.root / done.output).is_file()
    assert client.runs(done.job) == [done]


def test_F36_job_that_is_running_is_busy(client: Client) -> None:
    """Two runs of one job never overlap."""
    with job_lock(client.workspace, "told"), pytest.raises(RunBusy):
        run(client)


def test_F36_dry_run_cannot_send(client: Client, tmp_path: Path) -> None:
    """The host refuses, the record says so, and who is named is told of it."""
    with pytest.raises(RunFailed, match="DryRun") as failed:
        run(client, {"name": "send"}, notify=[f"command:tee '{tmp_path / 'told'}'"])
    assert client.sends() == []
    assert json.loads((tmp_path / "told").read_text("utf-8"))["run"] == failed.value.data["run"]


def test_F36_run_that_takes_too_long_is_ended(client: Client) -> None:
    """The record says that it was the time limit; papermill would call the cell completed."""
    with pytest.raises(RunTimeout) as ended:
        run(client, {"name": "slow"}, timeout=4)
    assert client.run_record(ended.value.data["run"]).state is RunState.TIMEOUT


def test_F36_killed_run_is_gone_on_with_by_cron(client: Client) -> None:
    """After kill -9 it counts as crashed and its job is free; the next run of its key resumes it; SIGTERM ends in order."""
    first = started(client, "--key", "cut", "--send")
    cut = running(client, "cut")
    first.kill()
    first.wait(30)
    until(lambda: client.run_record(cut.id).state is RunState.CRASHED or not client.runs("told", states=["running"]))
    second = started(client, "--key", "cut", "--send")
    resumed = running(client, "cut")
    assert resumed.resumes == cut.id
    os.kill(second.pid, signal.SIGTERM)
    assert second.wait(60) == 143
    ended = client.run_record(resumed.id)
    assert (ended.state, ended.error) == (RunState.ABORTED, "SIGTERM ended it")


def test_F36_plain_papermill_with_the_engine_keeps_the_promises(client: Client, tmp_path: Path) -> None:
    """One of ``papermill --engine wakit`` is on record, private, done once, dry unless told; its failure is told."""
    notebook = client.workspace.root / "told.ipynb"
    environment = {**os.environ, "WAKIT_RUN_NOTIFY": f"command:tee -a '{tmp_path / 'told'}'"}

    def papermill(*given: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "papermill", "--engine", "wakit", str(notebook), str(tmp_path / "out.ipynb"), *given]
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=90, check=False)

    assert papermill("-p", "run_key", "plain", "-p", "count", "4").returncode == 0
    done = client.runs("told")[0]
    assert (done.key, done.state, done.dry_run, done.result["count"]) == ("plain", RunState.DONE, True, 4)
    assert stat.S_IMODE((tmp_path / "out.ipynb").stat().st_mode) == 0o600
    assert "parameters" not in json.loads((tmp_path / "out.ipynb").read_text("utf-8"))["metadata"]["papermill"]
    assert papermill("-p", "run_key", "plain", "-p", "count", "4").returncode == 0
    assert client.runs("told")[0] == done
    assert papermill("-p", "nosuch", "1").returncode != 0
    assert client.runs("told")[0] == done
    assert papermill("-p", "name", "send").returncode != 0
    assert client.runs("told")[0].state is RunState.FAILED
    told = (tmp_path / "told").read_text("utf-8").splitlines()
    assert [json.loads(line)["code"] for line in told] == ["invalid-input", "run-failed"]
