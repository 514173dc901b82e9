"""``wakit snapshot``: everything as Parquet files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.cli.texts import text
from wakit.ids import account_id


def snapshot(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="A new or empty folder, or that of an earlier snapshot.")],
    host: Annotated[
        str | None, typer.Option("--host", metavar="NAME", help="This host's part of a lake of many; DIR may be a URL then.")
    ] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this one.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write everything as Parquet files by account and month, with a manifest; again, only what changed."""
    language = lang()
    with open_client() as client:
        taken = client.snapshot(folder, host=host, account=account and account_id(account))
    if as_json:
        say(json.dumps({"folder": str(taken.folder), "written": taken.written, "files": [asdict(part) for part in taken.parts]}))
        return
    for table, rows in taken.rows.items():
        say(f"{rows:>12,}  {table}")
    say(text("snapshot", language, files=len(taken.parts), written=taken.written, folder=taken.folder))
