"""``wakit rebuild``: the database made anew from the journals, and the proof that it is the same."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from wakit.cli.common import JsonOption, lang
from wakit.cli.exits import Exit
from wakit.cli.terminal import say
from wakit.cli.texts import text

if TYPE_CHECKING:
    from wakit.languages import Language
    from wakit.store.rebuild import Compared


def rebuild(
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the database that is there; replace it only if all is equal.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make the database anew from journals and imports. Stop the host first."""
    from tqdm import tqdm

    from wakit.config import settings
    from wakit.hostfile import life_lock
    from wakit.paths import UMASK, Workspace
    from wakit.store.rebuild import entries
    from wakit.store.rebuild import rebuild as run

    language = lang()
    workspace = Workspace.find()
    os.umask(UMASK)
    with life_lock(workspace, datetime.now(UTC).isoformat(), pid=os.getpid()):
        bar = tqdm(total=entries(workspace), unit=text("events", language), disable=not sys.stderr.isatty(), leave=False)
        with bar:
            done = run(workspace, settings(), verify=verify, moved=bar.update)
    if as_json:
        say(json.dumps(asdict(done), indent=2))
    else:
        _tell(done.compared, language)
        said = "rebuilt" if done.replaced else "rebuild_differs"
        say(text(said, language, entries=done.entries, messages=done.messages, imports=done.imports))
    for one in done.dropped:
        said = "rebuild_dropped" if done.replaced else "rebuild_would_drop"
        typer.echo(text(said, language, account=one.account, first=one.first, last=one.last), err=True)
    raise typer.Exit(Exit.OK if done.replaced else Exit.ERROR)


def _tell(compared: tuple[Compared, ...], language: Language) -> None:
    """Draw the proof: each table with its rows and the hash of them, before and after."""
    if not compared:
        return
    head = (" ", *(text(f"compared_{column}", language) for column in ("table", "before", "after")), "hash", "hash")
    rows = [
        ("✓" if one.equal else "✗", one.name, str(one.before.rows), str(one.after.rows), one.before.digest, one.after.digest)
        for one in compared
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        mark, name, before, after, *digests = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join((mark, name.strip().ljust(widths[1]), before, after, *digests)))
