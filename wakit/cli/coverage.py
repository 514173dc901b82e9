"""``wakit coverage``: what is known of which time, as a strip, as shares and as a table."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wakit.cli.common import JsonOption, lang, open_client
from wakit.cli.terminal import say
from wakit.ids import account_id
from wakit.languages import Language, mark, speak

if TYPE_CHECKING:
    import pandas as pd

#: What each state is called and drawn as; the order is from much to nothing.
_STATES = {"complete": (mark("complete"), "█"), "partial": (mark("partial"), "▒"), "blind": (mark("blind"), "·")}
_STRIP = 60


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A time, its first instant included and its last one not, and what is known of it."""

    since: datetime
    #: ``None`` where it goes on.
    until: datetime | None
    state: str
    sources: str | None
    cause: str | None

    def seconds(self, since: datetime, until: datetime) -> float:
        """Return how much of this interval is in another one."""
        return max(0.0, (min(self.until or until, until) - max(self.since, since)).total_seconds())


def coverage(
    account: Annotated[str | None, typer.Argument(help="Only this account.")] = None,
    chat: Annotated[
        str | None, typer.Option(help="Of one chat: a phone number or a JID. Default: the account as a whole.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what is known of which time: complete, partial, blind."""
    language = lang()
    if account is not None:
        account_id(account)
    with open_client() as client:
        found = client.coverage(account, chat)
    if as_json:
        say(json.dumps([_plain(row) for row in _rows(found)], ensure_ascii=False, indent=2))
        return
    if found.empty:
        say(speak(language, "Nothing is known of any time yet: no connection, no history, no import."))
    now = datetime.now(UTC)
    for name, rows in itertools.groupby(_rows(found), key=lambda row: str(row["account"])):
        intervals = [Interval(**{key: row[key] for key in ("since", "until", "state", "sources", "cause")}) for row in rows]
        say(f"{name} · {chat}" if chat else name)
        say(f"{strip(intervals, now)}  {summary(intervals, now, language)}")
        _table(intervals, language)


def strip(intervals: list[Interval], now: datetime, width: int = _STRIP) -> str:
    """Draw the whole time as one line; each place shows the least that is known of its part."""
    first = intervals[0].since
    step = max((now - first) / width, timedelta(microseconds=1))
    edges = [first + step * place for place in range(width + 1)]
    return "".join(_drawn(intervals, *edge) for edge in itertools.pairwise(edges))


def summary(intervals: list[Interval], now: datetime, language: Language) -> str:
    """Tell which share of the time is known how well."""
    first = intervals[0].since
    total = (now - first).total_seconds() or 1.0
    known = {state: sum(one.seconds(first, now) for one in intervals if one.state == state) / total for state in _STATES}
    return " · ".join(f"{speak(language, _STATES[state][0])} {share:.1%}" for state, share in known.items())


def _drawn(intervals: list[Interval], since: datetime, until: datetime) -> str:
    there = {one.state for one in intervals if one.seconds(since, until) > 0}
    return next((sign for state, (_, sign) in reversed(_STATES.items()) if state in there), " ")


def _table(intervals: list[Interval], language: Language) -> None:
    head = ("", *(speak(language, title) for title in (mark("since"), mark("until"), mark("known"), mark("from"), mark("cause"))))
    rows = [_cells(one, language) for one in intervals]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cells(one: Interval, language: Language) -> tuple[str, ...]:
    word, sign = _STATES[one.state]
    until = _local(one.until) if one.until else speak(language, "now")
    return sign, _local(one.since), until, speak(language, word), one.sources or "", one.cause or ""


def _local(instant: datetime) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows with Python's values: instants as such, nothing as ``None``."""
    columns = {
        name: [None if missing else value for value, missing in zip(found[name], found[name].isna(), strict=True)]
        for name in found
    }
    for name in ("since", "until"):
        columns[name] = [value and value.to_pydatetime() for value in columns[name]]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
