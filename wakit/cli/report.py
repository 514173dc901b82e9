"""``wakit report``: the figures about the conversations, as a page, a file or values."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from wakit.cli.common import JsonOption, open_client
from wakit.cli.terminal import plain, say
from wakit.ids import account_id

app = typer.Typer(help="Figures about the conversations.", no_args_is_help=True, rich_markup_mode=None)

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
DaysOption = Annotated[int | None, typer.Option("--days", metavar="N", min=1, max=999, help="The last N days.")]
SinceOption = Annotated[datetime | None, typer.Option("--since", formats=_DATES, help="From this day or minute on.")]
UntilOption = Annotated[datetime | None, typer.Option("--until", formats=_DATES, help="Before this day or minute.")]
AccountOption = Annotated[str | None, typer.Option("--account", metavar="ACCOUNT", help="Only this account.")]
ChatOption = Annotated[str | None, typer.Option("--chat", metavar="NUMBER", help="Only this chat: number or JID.")]
GroupsOption = Annotated[bool, typer.Option("--groups", help="Count groups as well.")]
HoursOption = Annotated[
    str | None, typer.Option("--hours", metavar="HOURS", help='Count open hours only: "MON-FRI 09:00-18:00, SAT 09:00-13:00".')
]
NamesOption = Annotated[bool, typer.Option("--names", help="Name people; without it they have pseudonyms.")]


@app.command()
def overview(
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as one HTML file.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write it as PDF.")] = None,
    days: DaysOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
    chat: ChatOption = None,
    groups: GroupsOption = False,
    hours: HoursOption = None,
    names: NamesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the ten figures that matter, compared with the time before."""
    with open_client() as client:
        where = _where(days, since, until, account, chat, groups=groups)
        page = client.report.overview(**where, business_hours=hours, names=names)
    written = [write(file) for write, file in ((page.to_html, html), (page.to_pdf, pdf)) if file is not None]
    if as_json:
        say(page.df.to_json(orient="records", force_ascii=False, indent=2))
    elif written:
        for file in written:
            say(str(file))
    else:
        say(str(page))


@app.command()
def figure(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As wa.report calls it: first_response, volume, mix, …")],
    by: Annotated[str | None, typer.Option("--by", metavar="PERIOD", help="hour, day, week or month.")] = None,
    days: DaysOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    account: AccountOption = None,
    chat: ChatOption = None,
    groups: GroupsOption = False,
    names: NamesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Write the values of one figure, below its definition."""
    with open_client() as client:
        asked = _where(days, since, until, account, chat, groups=groups) | ({} if by is None else {"by": by})
        result = _figure(client.report, name)(**asked)
        veil = client.report.pseudonyms
        values, meaning = (result.df, result.definition) if names else (veil.frame(result.df), veil.text(result.definition))
    if as_json:
        rows = json.loads(values.to_json(orient="records", date_format="iso", force_ascii=False))
        say(json.dumps({"definition": meaning, "rows": rows}, ensure_ascii=False, indent=2))
    else:
        say(plain(meaning))
        say(result.why_empty or plain_table(values))


def plain_table(values: Any) -> str:
    """Return a table as lines in which nothing can steer a terminal."""
    return "\n".join(plain(line) for line in values.to_string(index=False).splitlines())


def _figure(report: Any, name: str) -> Callable[..., Any]:
    """Return a figure by its name, or refuse one that there is not, or that needs more than a terminal gives."""
    found = getattr(type(report), name, None)
    if name.startswith("_") or getattr(found, "__annotations__", {}).get("return") != "Result" or name in _NEED_MORE:
        raise typer.BadParameter(f"{name[:40]!r} is no figure that can be asked for here. See the README, section Reports.")
    figure: Callable[..., Any] = getattr(report, name)
    return figure


#: Figures with a parameter of their own that has no usual value.
_NEED_MORE = frozenset({"attainment"})


def _where(
    days: int | None, since: datetime | None, until: datetime | None, account: str | None, chat: str | None, *, groups: bool
) -> dict[str, Any]:
    """Return which messages are meant, as ``wa.report`` takes it."""
    from zoneinfo import ZoneInfo

    from wakit.config import settings

    if days is not None and since is not None:
        raise typer.BadParameter("Both --days and --since say when the time begins. Give one of them.")
    zone = ZoneInfo(settings().timezone)
    since, until = (bound and bound.replace(tzinfo=zone) for bound in (since, until))
    given = {
        "last": days and f"{days}d",
        "since": since,
        "until": until,
        "account": account and account_id(account),
        "chat": chat,
    }
    return {name: value for name, value in given.items() if value is not None} | ({"groups": None} if groups else {})
