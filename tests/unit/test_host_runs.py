"""Runs as the host keeps them, and what it lets a notebook do that runs dry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hosts import ending, until

from wakit.access import RUN_VARIABLE
from wakit.cli import main
from wakit.client import Client, connect
from wakit.client.ask import post, record
from wakit.errors import DryRun, UnknownAccount
from wakit.joblock import job_lock
from wakit.model import Run, RunState
from wakit.paths import Workspace

ANA = "573001234567@s.whatsapp.net"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with ending(Workspace(tmp_path_factory.mktemp("runs") / "shop").create()) as workspace, connect(workspace) as found:
        yield found


def begin(client: Client, **more: Any) -> Run:
    body = {"job": "report", "key": "1", "notebook": "report.ipynb", "parameters": {"to": "Ana"}, **more}
    return client.perform(post("/api/runs", record(Run), body))


def finish(client: Client, run: Run, state: RunState = RunState.DONE) -> Run:
    return client.perform(post(f"/api/runs/{run.id}/finish", record(Run), {"state": state, "result": {"sent": 2}}))


def test_queries_and_streams_see_a_run(client: Client) -> None:
    """Its beginning and its end are events, which become a row of the view ``runs``."""
    with job_lock(client.workspace, "seen"):
        run = begin(client, job="seen")
        assert client.runs("seen")[0].state is RunState.RUNNING
        finish(client, run)
    told = [event.data["state"] for _, event in zip(range(2), client.events("0", kinds=["run"]), strict=False)]
    assert told == ["running", "done"]
    query = "SELECT job, state, parameters->>'to', result->>'sent', ended_at >= started_at FROM runs WHERE id = ?"
    until(lambda: client.sql(query, [run.id]).to_numpy().tolist() == [["seen", "done", "Ana", "2", True]])
    assert client.run_record(run.id).state is RunState.DONE


@pytest.mark.parametrize("case", ["dry", "ended", "unknown"])
def test_host_lets_a_dry_run_do_nothing_but_read(client: Client, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    """Whatever the notebook asks for: no message, no logout, and no run of its own; a run that ended has no more rights."""
    with job_lock(client.workspace, case):
        run = begin(client, job=case, dry_run=case == "dry")
        if case == "ended":
            finish(client, run)
        monkeypatch.setenv(RUN_VARIABLE, "f" * 32 if case == "unknown" else run.id)
        with connect(client.workspace) as kernel:
            assert isinstance(kernel.sends(), list)
            for forbidden in (
                lambda: kernel.send(ANA, "hola"),
                lambda: kernel.logout(),
                lambda: begin(kernel, job="mine"),
                lambda: kernel.create_token("mine"),
            ):
                with pytest.raises(DryRun):
                    forbidden()
    assert client.sends() == []


def test_run_that_may_send_sends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``--send`` its kernel may do what its owner may."""
    with job_lock(client.workspace, "real"):
        monkeypatch.setenv(RUN_VARIABLE, begin(client, job="real", dry_run=False).id)
        with connect(client.workspace) as kernel:
            with pytest.raises(UnknownAccount):  # so it was asked to send: nobody is linked here
                kernel.send(ANA, "hola", wait=0)
            assert kernel.create_token("of-a-run").name == "of-a-run"


def test_terminal_lists_shows_and_opens_runs(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person finds a run, what is known of it, and its output; one without an output says so."""
    monkeypatch.setenv("WAKIT_HOME", str(client.workspace.root))
    with job_lock(client.workspace, "terminal"):
        run = begin(client, job="terminal")
        with pytest.raises(SystemExit, match="3"):
            main(["runs", "open", run.id])
        body = {"state": "failed", "error": "KeyError: 'x'", "output": "data/runs/x.ipynb", "result": {}}
        client.perform(post(f"/api/runs/{run.id}/finish", record(Run), body))
    for arguments, told in (
        (["list", "--job", "terminal"], "KeyError"),
        (["show", run.id], '"state": "failed"'),
        (["open", run.id], str(client.workspace.root / "data/runs/x.ipynb")),
    ):
        with pytest.raises(SystemExit, match="0"):
            main(["runs", *arguments])
        assert told in capsys.readouterr().out
