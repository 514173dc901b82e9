"""All commands in one application, and the one place where errors become words and exit codes."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from wakit.cli import (
    accounts,
    campaigns,
    consent,
    coverage,
    emulator,
    export,
    host,
    imports,
    login,
    media,
    pacing,
    rebuild,
    report,
    runs,
    schedule,
    search,
    sends,
    snapshot,
    tokens,
    webhooks,
    workspaces,
)
from wakit.cli.exits import Exit, exit_of_error
from wakit.cli.terminal import complain
from wakit.errors import WakitError

# Rich help would double the time of --help.
app = typer.Typer(
    name="wakit",
    help="WhatsApp operations from Jupyter notebooks: link a phone, watch, send, query.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
)

app.command("login")(login.login)
app.command("status")(accounts.status)
app.command("send")(accounts.send)
app.command("logout")(accounts.logout)
app.command("search")(search.search)
app.command("import")(imports.import_)
app.command("coverage")(coverage.coverage)
app.command("run")(runs.run)
app.command("rebuild")(rebuild.rebuild)
app.command("export")(export.export)
app.command("snapshot")(snapshot.snapshot)
app.command("init")(workspaces.init)
app.command("lab")(workspaces.lab)
app.command("doctor")(workspaces.doctor)
app.add_typer(consent.app, name="consent")
app.add_typer(host.app, name="host")
app.add_typer(media.app, name="media")
app.add_typer(pacing.app, name="pacing")
app.add_typer(schedule.app, name="schedule")
app.add_typer(report.app, name="report")
app.add_typer(runs.app, name="runs")
app.add_typer(sends.app, name="sends")
app.add_typer(campaigns.app, name="campaign")
app.add_typer(tokens.app, name="token")
app.add_typer(webhooks.app, name="webhooks")
app.command("emulator")(emulator.emulator)
app.command("demo")(emulator.demo)


def _version(wanted: bool) -> None:
    if wanted:
        import wakit

        typer.echo(f"wakit {wakit.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; accepted anywhere.")] = False,
) -> None:
    """Options of the whole program; ``main`` has already acted on --debug."""


def main(arguments: list[str] | None = None) -> None:
    """
    Run one command and end the process with its exit code.

    Args:
        arguments: What stands behind ``wakit``; default is this process's own.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    debug = "--debug" in options
    if debug:
        arguments.remove("--debug")
    try:
        app(arguments, prog_name="wakit")
    except WakitError as error:
        if debug:
            raise
        complain(error)
        sys.exit(exit_of_error(error))
    except Exception as error:
        if debug:
            raise
        # The message may quote what somebody wrote; type and place are enough to find a mistake of ours.
        complain(WakitError(f"{_place(error)}. This is a mistake in wakit. Run again with --debug to see the traceback."))
        sys.exit(Exit.ERROR)


def _place(error: Exception) -> str:
    """Return the type of an exception and the line that raised it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
