"""
Running a notebook so that it can be left alone: ``wakit run`` and ``wakit.run``.

papermill executes the cells; everything else is promised here. Parameters are checked before anything starts. A job
runs once at a time (a lock). What is done under a key is not done again, and what was cut off is gone on with (the host's
record, ``wakit.outbox.runs``). Without ``send`` the run is dry, and it is the host that holds it to that, not the notebook:
see ``wakit.host.scopes``. A notebook that has a parameter ``dry_run`` or ``run_key`` is told both.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
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
from wakit.errors import InvalidInput, NotebookRefused, RunAborted, RunCrashed, RunError, RunFailed, RunTimeout, WorkspaceNotFound
from wakit.ids import DEFAULT_ACCOUNT
from wakit.joblock import job_lock
from wakit.model import Run, RunState
from wakit.parameters import defaults, typed
from wakit.paths import Workspace
from wakit.redact import mask_numbers
from wakit.runs.alarm import alarmed
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
class Ending:
    """How a run ended."""

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
    notify: Sequence[str] = (),
    workspace: Place = None,
) -> Finished:
    """
    Run a notebook from top to bottom in a kernel of its own, and return the record once it is done.

    Args:
        notebook: An .ipynb file with a cell tagged ``parameters``, wherever it lies; its output is in the workspace.
        parameters: Values for them; a text counts as what it can be read as.
        send: Let it send. Without it the host lets it read and nothing else.
        key: What is done once under this key is not done again; unset, the day with ``send``, and a new one without.
        job: What runs once at a time; unset, the notebook.
        force: Run it although it is done under this key.
        account: Whose stream of events tells of it.
        timeout: Most seconds for all of it.
        progress: Draw a bar; unset, where somebody sees it.
        notify: Whom to tell if it does not end well: each ``chat:NUMBER``, ``https://ADDRESS`` or ``command:PROGRAM``;
            none means who stands in the settings.
        workspace: Where; unset, the one of ``WAKIT_HOME``, else that in which the notebook lies, else that of the current folder.

    Raises:
        NotebookRefused, InvalidInput: Nothing was started.
        IdempotencyConflict: Something else is done under this key.
        RunBusy: The job is running.
        RunFailed, RunCrashed, RunTimeout, RunAborted: It did not end well; its id is in ``data["run"]``.
    """
    path = Path(notebook).expanduser().absolute()
    where = workspace_for(path, workspace)
    job = job or usual_job(where, path)
    with alarmed(notify, where, job, account):
        key = key or default_key(send=send)
        values = _values(path, dict(parameters or {}), dry_run=not send, run_key=key)
        planned = Planned(where=where, notebook=where.naming(path), job=job, key=key, send=send, account=account)
        bar = sys.stderr.isatty() if progress is None else progress
        own = {one: value for one, value in values.items() if one not in _OWN}

        def carry_out(watch: Watch) -> Ending:
            return _carried_out(path, values, watch, progress=bar)

        return on_record(planned, own, Watch(str(path.parent)), carry_out, force=force, timeout=timeout, keep=True)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is run, and as what."""

    where: Workspace
    #: Below the workspace, or absolute where it lies elsewhere.
    notebook: str
    job: str
    key: str
    send: bool
    account: str = DEFAULT_ACCOUNT


def on_record(
    planned: Planned,
    parameters: dict[str, Any],
    watch: Watch,
    carry_out: Callable[[Watch], Ending],
    *,
    force: bool = False,
    timeout: float | None = None,
    keep: bool,
) -> Finished:
    """
    Do a run between the two halves of its record, alone and within its time; see ``run``.

    Args:
        planned: What is run.
        parameters: What it is given.
        watch: Who ends it from outside.
        carry_out: Does it, and says how it ended.
        force: Do it although it is done under its key.
        timeout: Most seconds.
        keep: Whether to write its output notebook; papermill writes its own.
    """
    body: dict[str, Any] = {"account": planned.account, "job": planned.job, "key": planned.key, "notebook": planned.notebook}
    body |= {"parameters": parameters, "dry_run": not planned.send, "force": force}
    # from before its record begins until after it ends: a signal in between must not leave one that never ended
    with job_lock(planned.where, planned.job), connect(planned.where) as client, watch.watching(timeout):
        begun = client.perform(post("/api/runs", record(Run), body))
        if begun.state is RunState.DONE:
            return Finished(run=begun, was_done=True)
        watch.env = {**os.environ, RUN_VARIABLE: begun.id, "WAKIT_HOME": str(planned.where.root)}
        ended = _finish(client, begun, watch, carry_out(watch), keep=keep)
    if ended.state is RunState.DONE:
        return Finished(run=ended)
    kind = _ERRORS[ended.state]
    msg = f"The run {ended.id} of {planned.job!r} is {ended.state}: {ended.error}. Look at: wakit runs show {ended.id}"
    raise kind(msg, run=ended.id, signal=watch.signal)


def default_key(*, send: bool) -> str:
    """Return the day for a run that may send, and a key that never comes again for one that may not."""
    now = datetime.now(ZoneInfo(settings().timezone))
    return f"{now:%Y-%m-%d}" if send else now.isoformat()


def workspace_for(notebook: Path, workspace: Place = None) -> Workspace:
    """Return where a notebook is run: in the workspace named here or by ``WAKIT_HOME``, its own, or that of the caller."""
    if workspace is None and not os.environ.get("WAKIT_HOME"):
        with contextlib.suppress(WorkspaceNotFound):
            return Workspace.find(notebook.parent)
    return workspace_at(workspace)


def usual_job(workspace: Workspace, path: Path) -> str:
    """Return what runs once at a time where nobody says otherwise: the notebook."""
    return workspace.naming(path).removesuffix(".ipynb")


def checked(path: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values for the parameters of a notebook as it gets them, or raise ``NotebookRefused`` or ``InvalidInput``."""
    values = typed(path, given)
    defaults(path)  # also without values it must be a notebook
    cells = json.loads(path.read_text("utf-8"))["cells"]
    if not any("parameters" in cell.get("metadata", {}).get("tags", ()) for cell in cells):
        msg = f"{path.name} has no cell with the tag parameters. Give one cell that tag; it may be empty."
        raise NotebookRefused(msg, path=str(path))
    return values


def _values(path: Path, given: dict[str, Any], **own: Any) -> dict[str, Any]:
    for name in _OWN.keys() & given.keys():
        msg = f"The parameter {name!r} is the runner's. Say {_OWN[name]} instead, in the terminal --{_OWN[name]}."
        raise InvalidInput(msg, parameter=name)
    values, known = checked(path, given), defaults(path)
    return {**values, **{name: value for name, value in own.items() if name in known}}


def _carried_out(path: Path, values: dict[str, Any], watch: Watch, *, progress: bool) -> Ending:

    from wakit.runs import headless  # takes a second: only for what is really run

    return ending_of(lambda: headless.execute(path, values, watch, progress=progress), watch)


def ending_of(execute: Callable[[], None], watch: Watch) -> Ending:
    """Execute a notebook and return how that ended: by what the watch noted, where it ended the run."""
    why = None
    try:
        execute()
    except Exception as exc:  # noqa: BLE001 - whatever a kernel that is ended makes of it; the record says which
        why = exc
    finally:
        watch.is_over()
    if watch.ended is not None and (why is not None or watch.failed_cell() is not None):
        return Ending(state=watch.ended, error=f"{watch.signal.name} ended it" if watch.signal else "it took longer than it may")
    if (failed := watch.failed_cell()) is not None:
        return Ending(state=RunState.FAILED, error=mask_numbers(failed)[:300].rstrip("."))
    if why is not None:
        return Ending(state=RunState.CRASHED, error=f"The kernel died or did not start ({type(why).__name__})")
    return Ending(state=RunState.DONE)


def _finish(client: Client, run: Run, watch: Watch, ending: Ending, *, keep: bool) -> Run:
    from wakit.runs.output import place, result

    body: dict[str, Any] = {"state": ending.state, "error": ending.error}
    if watch.notebook is not None:
        body["result"] = result(watch.notebook)
        if keep:
            at = run.started_at.astimezone(ZoneInfo(settings().timezone))
            body["output"] = place(client.workspace, run, watch.notebook, at)
    return client.perform(post(f"/api/runs/{run.id}/finish", record(Run), body))
