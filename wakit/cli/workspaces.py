"""``wakit init``, ``wakit lab`` and ``wakit doctor``: the folder that everything happens in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from wakit.cli.common import lang
from wakit.cli.exits import Exit
from wakit.cli.terminal import say
from wakit.cli.texts import text


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make a workspace of.")],
) -> None:
    """Make a workspace with the notebooks. Never overwrites a file."""
    from wakit.scaffold import scaffold

    language = lang()
    for placed in scaffold(folder.absolute()):
        say(f"{placed.path.relative_to(folder.absolute())}: {text(placed.outcome, language)}")
    say(text("init_next", language, path=folder))


def lab(
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on; taken or refused.")] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
) -> None:
    """Run JupyterLab on this workspace. It listens on this machine only."""
    from wakit.config import settings
    from wakit.lab import lab_command, lab_environment
    from wakit.paths import Workspace

    lang()
    workspace = Workspace.find()
    command = lab_command(workspace, port=port, browser=browser)
    # Jupyter takes this process over: the terminal, Ctrl-C and the exit code are its own.
    os.execve(command[0], command, lab_environment(workspace, network=settings().network))  # noqa: S606


def doctor() -> None:
    """Check the workspace and the installation. Exit code 1 when something is wrong."""
    from wakit.doctor import examine
    from wakit.paths import Workspace

    language = lang()
    findings = examine(Workspace.find(), language)
    for finding in findings:
        say(f"{finding.verdict.icon} {finding.what}: {finding.said}")
    raise typer.Exit(Exit.OK if all(finding.verdict.fine for finding in findings) else Exit.ERROR)
