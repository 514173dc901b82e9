"""``wakit run`` and ``wakit runs …``: running notebooks without a person, and what became of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import (
    JsonOption,
    LimitOption,
    NotifyOption,
    ParameterOption,
    StatesOption,
    lang,
    open_client,
    parameters_of,
    states_of,
)
from wakit.cli.terminal import plain, say
from wakit.languages import speak

if TYPE_CHECKING:
    from wakit.model import Run

app = typer.Typer(help="Runs of notebooks: how they ended.", no_args_is_help=True, rich_markup_mode=None)


def run(
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="An .ipynb file.")],
    parameters: ParameterOption = None,
    send: Annotated[bool, typer.Option("--send", help="Let it send; without it the host lets it only read.")] = False,
    key: Annotated[str | None, typer.Option("--key", metavar="KEY", help="What is done under it is not done again.")] = None,
    job: Annotated[str | None, typer.Option("--job", metavar="NAME", help="What runs once at a time.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Run it although it is done under this key.")] = False,
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Whose events tell of it.")] = "default",
    timeout: Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", min=0, help="Most time for all of it.")] = None,
    notify: NotifyOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a notebook from top to bottom without a person, once for each key."""
    from wakit.runs.runner import run as carry_out

    language = lang()
    values = parameters_of(parameters)
    finished = carry_out(
        notebook, values, send=send, key=key, job=job, force=force, account=account, timeout=timeout, notify=notify or ()
    )
    if as_json:
        say(json.dumps({**finished.run.to_json(), "was_done": finished.was_done}, ensure_ascii=False, indent=2))
    elif finished.was_done:
        say(speak(language, "Already done by the run {id}. To do it once more: --force", id=finished.run.id))
    else:
        said = ", ".join(f"{name} {value}" for name, value in finished.run.result.items())
        say(plain(" · ".join(part for part in (finished.run.id, finished.run.output or "", said) if part)))


@app.command("list")
def list_(
    job: Annotated[str | None, typer.Option("--job", metavar="JOB", help="Only of this one.")] = None,
    states: StatesOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """List the runs of notebooks, the newest first."""
    from wakit.model import RunState

    language = lang()
    wanted = states_of(states, RunState)
    with open_client() as client:
        found = client.runs(job, states=wanted, limit=limit)
    if as_json:
        say(json.dumps([run.to_json() for run in found], ensure_ascii=False, indent=2))
        return
    for run in found:
        say(_described(run))
    if not found:
        say(speak(language, "There are no runs."))


@app.command()
def show(run: Annotated[str, typer.Argument(metavar="ID", help="As `wakit runs list` shows it.")]) -> None:
    """Write everything that is known of one run, as JSON."""
    with open_client() as client:
        say(json.dumps(client.run_record(run).to_json(), ensure_ascii=False, indent=2))


@app.command("open")
def open_(run: Annotated[str, typer.Argument(metavar="ID", help="As `wakit runs list` shows it.")]) -> None:
    """Write where the output notebook of a run lies, and open it where somebody sits before the terminal."""
    from wakit.errors import InvalidInput

    with open_client() as client:
        output, root = client.run_record(run).output, client.workspace.root
    if output is None:
        raise InvalidInput(f"The run {run} has no output notebook: it goes on, or its process died.", id=run)
    say(str(root / output))
    if sys.stdout.isatty():
        typer.launch(str(root / output))


@app.command()
def page(
    run: Annotated[str, typer.Argument(metavar="ID", help="As `wakit runs list` shows it.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it.")],
) -> None:
    """Write the output notebook of a run as one HTML file, without its code, that fetches nothing."""
    from wakit.runs.report import write_page

    with open_client() as client:
        say(str(write_page(client, run, file)))


def _described(run: Run) -> str:
    kind = "dry" if run.dry_run else "--send"
    facts = (run.id, f"{run.started_at:%Y-%m-%d %H:%M} UTC", run.job, run.key, kind, run.state, run.error or "")
    return plain(" · ".join(fact for fact in facts if fact))
