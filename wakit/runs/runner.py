"""
Running a notebook so that it can be left alone: ``wakit run`` and ``wakit.run``.

papermill executes the cells; everything else is promised here. Parameters are checked before anything starts. A job
runs once at a time (a lock). What is done under a key is not done again, and what was cut off is gone on with (the host's
record, ``wakit.outbox.runs``). Without ``send`` the run is dry, and it is the host that holds it to that, not the notebook:
see ``wakit.host.scopes``. A notebook that has a parameter ``dry_run`` or ``run_key`` is told both.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wakit.access import RUN_VARIABLE
from wakit.client import Client, connect
from wakit.client.ask import post, record
from wakit.client.workspace import Place, workspace_at
from wakit.config import settings
from wakit.errors import InvalidInput, NotebookRefused, RunAborted, RunCrashed, RunError, RunFailed, RunTimeout
from wakit.ids import DEFAULT_ACCOUNT
from wakit.joblock import job_lock
from wakit.model import Run, RunState
from wakit.parameters import defaults, typed
from wakit.paths import Workspace
from wakit.redact import mask_numbers
from wakit.runs.watch import Watch

#: Parameters that the runner gives; nobody else may.
_OWN = {"dry_run": "send", "run_key": "key"}
_ERRORS: dict[RunState, type[RunError]] = {
    RunState.FAILED: RunFailed,
    RunState.CRASHED: RunCrashed,
    RunState.TIMEOUT: RunTimeout,
    RunState.ABORTED: RunAborted,
}


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run that is done."""

    run: Run
    #: Whether it was done before, so that nothing was run now.
    was_done: bool = False


@dataclass(frozen=True, kw_only=True)
class _Ending:
    state: RunState
    error: str | None = None


def run(
    notebook: Path | str,
    parameters: Mapping[str, Any] | None = None,
    *,
    send: bool = False,
    key: str | None = None,
    job: str | None = None,
    force: bool = False,
    account: str = DEFAULT_ACCOUNT,
    timeout: float | None = None,
    progress: bool | None = None,
    workspace: Place = None,
) -> Finished:
    """
    Run a notebook from top to bottom in a kernel of its own, and return the record once it is done.

    Args:
        notebook: An .ipynb file with a cell tagged ``parameters``.
        parameters: Values for them; a text counts as what it can be read as.
        send: Let it send. Without it the host lets it read and nothing else.
        key: What is done once under this key is not done again; unset, the day with ``send``, and a new one without.
        job: What runs once at a time; unset, the notebook.
        force: Run it although it is done under this key.
        account: Whose stream of events tells of it.
        timeout: Most seconds for all of it.
        progress: Draw a bar; unset, where somebody sees it.
        workspace: Where; unset, the one that ``wakit.connect()`` finds.

    Raises:
        NotebookRefused, InvalidInput: Nothing was started.
        IdempotencyConflict: Something else is done under this key.
        RunBusy: The job is running.
        RunFailed, RunCrashed, RunTimeout, RunAborted: It did not end well; its id is in ``data["run"]``.
    """
    where = workspace_at(workspace)
    path = Path(notebook).absolute()
    name = _below(where, path)
    now = datetime.now(ZoneInfo(settings().timezone))
    key = key or (f"{now:%Y-%m-%d}" if send else now.isoformat())
    values = _values(path, dict(parameters or {}), dry_run=not send, run_key=key)
    title = job or name.removesuffix(".ipynb")
    own = {one: value for one, value in values.items() if one not in _OWN}
    body = {"account": account, "job": title, "key": key, "notebook": name, "parameters": own, "dry_run": not send}
    watch = Watch(str(path.parent))
    # from before its record begins until after it ends: a signal in between must not leave one that never ended
    with job_lock(where, title), connect(where) as client, watch.watching(timeout):
        begun = client.perform(post("/api/runs", record(Run), {**body, "force": force}))
        if begun.state is RunState.DONE:
            return Finished(run=begun, was_done=True)
        watch.env = {**os.environ, RUN_VARIABLE: begun.id, "WAKIT_HOME": str(where.root)}
        ending = _carried_out(path, values, watch, progress=sys.stderr.isatty() if progress is None else progress)
        ended = _finish(client, begun, watch, ending, now)
    if ended.state is RunState.DONE:
        return Finished(run=ended)
    kind = _ERRORS[ended.state]
    msg = f"The run {ended.id} of {title!r} is {ended.state}: {ended.error}. Look at: wakit runs show {ended.id}"
    raise kind(msg, run=ended.id, signal=watch.signal)


def _below(workspace: Workspace, path: Path) -> str:
    try:
        return path.resolve().relative_to(workspace.root.resolve()).as_posix()
    except ValueError as exc:
        msg = f"{str(path)!r} is not in the workspace {str(workspace.root)!r}. Copy it there: its record names it by its place."
        raise NotebookRefused(msg, path=str(path)) from exc


def _values(path: Path, given: dict[str, Any], **own: Any) -> dict[str, Any]:
    known = defaults(path)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    if not any("parameters" in cell.get("metadata", {}).get("tags", ()) for cell in cells):
        msg = f"{path.name} has no cell with the tag parameters. Give one cell that tag; it may be empty."
        raise NotebookRefused(msg, path=str(path))
    for name in _OWN.keys() & given.keys():
        msg = f"The parameter {name!r} is the runner's. Say {_OWN[name]} instead, in the terminal --{_OWN[name]}."
        raise InvalidInput(msg, parameter=name)
    return {**typed(path, given), **{name: value for name, value in own.items() if name in known}}


def _carried_out(path: Path, values: dict[str, Any], watch: Watch, *, progress: bool) -> _Ending:
    import nbformat

    from wakit.runs import papermill_engine as engine  # takes a second: only for what is really run

    try:
        engine.execute(nbformat.read(path, as_version=4), values, watch, progress=progress)
    except engine.PapermillExecutionError as exc:
        first = mask_numbers(str(exc.evalue).partition("\n")[0])[:300]
        ending = _Ending(state=RunState.FAILED, error=f"{exc.ename}: {first}".rstrip("."))
    except engine.DeadKernelError:
        ending = _Ending(state=RunState.CRASHED, error="The kernel died")
    except Exception as exc:  # noqa: BLE001 - whatever a kernel that is ended makes of it; the record says which
        if watch.ended is None:
            ending = _Ending(state=RunState.CRASHED, error=f"{type(exc).__name__} before or between cells")
        else:
            ending = _Ending(state=watch.ended)
    else:
        ending = _Ending(state=RunState.DONE)
    finally:
        watch.is_over()
    if watch.ended is None or ending.state is RunState.DONE:
        return ending
    why = "it took longer than it may" if watch.ended is RunState.TIMEOUT else "a signal ended it"
    return _Ending(state=watch.ended, error=why)


def _finish(client: Client, run: Run, watch: Watch, ending: _Ending, at: datetime) -> Run:
    from wakit.runs.output import place, result

    body: dict[str, Any] = {"state": ending.state, "error": ending.error}
    if watch.notebook is not None:
        body |= {"output": place(client.workspace, run, watch.notebook, at), "result": result(watch.notebook)}
    return client.perform(post(f"/api/runs/{run.id}/finish", record(Run), body))
