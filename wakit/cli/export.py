"""``wakit export``: a table or a query as CSV, XLSX or Parquet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.cli.texts import text


def export(
    what: Annotated[str, typer.Argument(metavar="TABLE", help="Such as messages or conversations; or one SELECT.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends with .csv, .xlsx or .parquet; is replaced.")],
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this account.")] = None,
    chat: Annotated[str | None, typer.Option("--chat", metavar="NUMBER", help="Only this chat: number or JID.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="From this day or instant on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="Before this day or instant.")] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="csv, xlsx or parquet, where the name does not say.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write what is stored as a file for other programs; a text that a spreadsheet would compute gets a quote in front."""
    language = lang()
    with open_client() as client:
        done = client.export(what, file, account=account, chat=chat, since=since, until=until, format=format_name)
    if as_json:
        say(json.dumps({"path": str(done.path), "rows": done.rows, "bytes": done.bytes, "cut": done.cut}))
        return
    say(text("exported", language, rows=f"{done.rows:,}", file=done.path))
    if done.cut:
        say(text("exported_cut", language, count=done.cut))
