"""``wakit search``: stored messages that answer a question, with what was asked for made visible."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import colored, plain, say
from wakit.cli.texts import text
from wakit.ids import account_id

if TYPE_CHECKING:
    from wakit.client import Client
    from wakit.found import Hit

_BOLD, _DIM, _RESET = "\x1b[1;33m", "\x1b[2m", "\x1b[0m"

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


def search(
    question: Annotated[
        str | None, typer.Argument(metavar="TEXT", help='Words; "a phrase", begin*, -without. Accents do not matter, ñ does.')
    ] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this account.")] = None,
    chat: Annotated[str | None, typer.Option("--chat", metavar="NUMBER", help="Only this chat: number or JID.")] = None,
    sender: Annotated[str | None, typer.Option("--sender", metavar="NUMBER", help="Only what this person wrote.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", formats=_DATES, help="From this day or minute on.")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=_DATES, help="Before this day or minute.")] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="Only this type (text, image, …); may be given again.")
    ] = None,
    loose: Annotated[bool, typer.Option("--loose", help="Let n find ñ.")] = False,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first, not the best.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many.")] = 20,
    context: Annotated[int, typer.Option("--context", min=0, max=100, help="Messages to show on each side of a hit.")] = 0,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the search index anew, then search.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Search the stored messages."""
    language = lang()
    if account is not None:
        account_id(account)
    if question is None and not rebuild:
        raise typer.BadParameter("Give TEXT, or --rebuild.")
    with open_client() as client:
        if rebuild:
            count = client.rebuild_search()
            if question is None:
                say(json.dumps({"messages": count}) if as_json else text("search_rebuilt", language, messages=count))
                return
        since, until = (bound and bound.replace(tzinfo=_zone()) for bound in (since, until))
        where = {"account": account, "chat": chat, "sender": sender, "since": since, "until": until}
        hits = client.hits(question or "", **where, types=types or (), loose=loose, newest=newest, limit=limit)  # type: ignore[arg-type]
        if as_json:
            say(json.dumps([hit.to_json() for hit in hits], ensure_ascii=False, indent=2))
            return
        for hit in hits:
            say(_drawn(client, hit, context))
    if not hits:
        say(text("nothing_found", language))


def _drawn(client: Client, hit: Hit, context: int) -> str:
    """Return a hit as lines: where and when, then the part of its text, or that among its neighbours."""
    zone = _zone()
    where = plain(hit.chat_name or hit.chat)
    head = f"{_local(hit.ts, zone)} · {where} · {_who(hit.from_me, hit.sender_name or hit.sender)}"
    lines = [f"{_DIM}{head}{_RESET}" if colored(sys.stdout) else head]
    found = f"  {_marked(hit.snippet, hit.marks)}"
    if not context:
        return "\n".join([*lines, found])
    around = client.context(hit.chat, hit.message_id, account=hit.account, size=context)
    for row in around.astype(object).where(around.notna(), None).to_dict("records"):
        who = _who(row["from_me"], row["sender_name"] or row["sender"])
        said = f"    {_local(row['ts'], zone)} {who}: {plain(row['text'] or '')}"
        lines.append(found if row["message_id"] == hit.message_id else said)
    return "\n".join(lines)


def _zone() -> ZoneInfo:
    """Return the time zone that days and hours are told in."""
    from wakit.config import settings

    return ZoneInfo(settings().timezone)


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def _who(from_me: bool, name: str) -> str:
    return f"→ {plain(name)}" if from_me else plain(name)


def _marked(snippet: str, marks: Sequence[tuple[int, int]]) -> str:
    """Return a snippet with colour, or with ``«»`` where there is none, around what was asked for."""
    before, behind = (_BOLD, _RESET) if colored(sys.stdout) else ("«", "»")
    parts, at = [], 0
    for start, end in marks:
        if start >= at:  # a word of a phrase may be asked for on its own, too
            parts += [plain(snippet[at:start]), before, plain(snippet[start:end]), behind]
            at = end
    return "".join([*parts, plain(snippet[at:])])
