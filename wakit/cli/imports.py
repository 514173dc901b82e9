"""``wakit import``: exported chats, in and out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.cli.texts import text
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.imported import Imported
from wakit.languages import Language


def import_(
    file: Annotated[Path | None, typer.Argument(help="The .txt or .zip that WhatsApp made.")] = None,
    account: Annotated[str, typer.Option("--account", metavar="ACCOUNT", help="Whose chat it is.")] = DEFAULT_ACCOUNT,
    chat: Annotated[
        str | None, typer.Option("--chat", metavar="NAME", help="Name, number or JID of the chat [default: as the file says].")
    ] = None,
    date_order: Annotated[
        str | None, typer.Option("--date-order", metavar="dmy|mdy|ymd", help="Needed only where the file does not tell.")
    ] = None,
    tz: Annotated[
        str | None, typer.Option("--tz", metavar="ZONE", help="Time zone of the phone [default: that of the settings].")
    ] = None,
    me: Annotated[
        str | None, typer.Option("--me", metavar="NAME", help="Your own name in the file, if that is not plain.")
    ] = None,
    undo: Annotated[int | None, typer.Option("--undo", metavar="ID", help="Take an import back.")] = None,
    show: Annotated[bool, typer.Option("--list", help="List the imports.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import an exported chat; again, or with a longer export, only what is new is added."""
    language = lang()
    account_id(account)
    if (file is not None) + (undo is not None) + show != 1:
        raise typer.BadParameter("Give one of FILE, --undo ID and --list.")
    with open_client() as client:
        if show:
            found = client.imports()
        elif undo is not None:
            found = [client.undo_import(undo)]
        else:
            path = (file or Path()).absolute()
            found = [client.import_chat(path, account=account, chat=chat, date_order=date_order, tz=tz, me=me)]
    if as_json:
        shown = [one.to_json() for one in found]
        say(json.dumps(shown if show else shown[0], ensure_ascii=False, indent=2))
        return
    for one in found:
        say(_told(one, language))
        for warning in one.warnings:
            say(f"⚠ {warning}")
    if show and not found:
        say(text("no_imports", language))


def _told(one: Imported, language: Language) -> str:
    name = "import_undone" if one.undone_at is not None else "imported"
    return text(
        name,
        language,
        id=one.id,
        chat=one.chat_name or one.chat,
        messages=one.messages,
        added=one.added,
        merged=one.merged,
        repeated=one.repeated,
        first=f"{one.first:%Y-%m-%d}",
        last=f"{one.last:%Y-%m-%d}",
    )
