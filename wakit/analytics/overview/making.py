"""Making an overview: which time it is of, its ten figures, and who waits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wakit.analytics.overview.figures import Asking, ten
from wakit.analytics.overview.overview import Overview
from wakit.analytics.overview.span import Span, span_of
from wakit.errors import InvalidInput
from wakit.instants import instant, time_zone
from wakit.languages import Language, speak

if TYPE_CHECKING:
    from wakit.analytics.inquiry import Source, Where
    from wakit.analytics.report import Report
    from wakit.analytics.result import Result

#: How many of those who wait are listed.
_LISTED = 5


class Remembering:
    """A source that is asked each question once: two times and ten figures stand on the same coverage."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._answers: dict[str, pa.Table] = {}

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        """Return what a query gives; a second later it is still the same question."""
        asked = {name: value for name, value in (params or {}).items() if name != "now"}
        question = f"{query} {asked}"
        if question not in self._answers:
            self._answers[question] = self._source.arrow(query, params)
        return self._answers[question]


def overview_of(
    report: Report,
    where: Where,
    *,
    timezone: str,
    lang: Language,
    within: timedelta,
    business_hours: str | None,
    holidays: Collection[date],
    names: bool,
) -> Overview:
    """Return the overview of *report*; see ``Report.overview``."""
    zone = where.get("timezone") or timezone
    whose = _whose(where)
    span = time_of(report, where, zone)
    hours = {"business_hours": business_hours, "holidays": holidays}
    ask = Asking(report=report, where=whose, span=span, lang=lang, within=_promised(within), hours=hours)
    figures = ten(ask)
    return Overview(
        figures=figures,
        span=span,
        known=report.known(**whose, since=span.since, until=span.until),
        known_before=report.known(**whose, since=span.before.since, until=span.before.until),
        about=_about(report, whose, lang, names=names),
        waiting=_waiting(report, ask.now("unanswered"), span.since.tzinfo, names=names),
        names=names,
        made=datetime.now(UTC).astimezone(span.since.tzinfo),
        lang=lang,
        why_empty=_why_empty(ask.now("volume", by=span.by), whose, lang),
    )


def time_of(report: Report, where: Where, zone: str) -> Span:
    """Return the time that *where* means, or the last days of what is stored."""
    since, until = (
        None if given is None else instant(given, name, zone)
        for name, given in (("since", where.get("since")), ("until", where.get("until")))
    )
    newest = report.newest(**_whose(where))
    return span_of(time_zone(zone), since=since, until=until, last=where.get("last"), newest=newest)


def _whose(where: Where) -> dict[str, Any]:
    return {name: value for name, value in where.items() if name not in ("since", "until", "last")}


def _promised(within: timedelta) -> timedelta:
    if within <= timedelta():
        msg = f"within is {within}: a promised time is longer than nothing. Give one such as timedelta(minutes=15)."
        raise InvalidInput(msg, within=str(within))
    return within


def _about(report: Report, whose: dict[str, Any], lang: Language, *, names: bool) -> str:
    account = speak(lang, "account {name}", name=whose["account"]) if whose.get("account") else ""
    chat = whose.get("chat") or ""
    return " · ".join(part for part in (account, chat if names or not chat else report.pseudonyms.of(chat)) if part)


def _waiting(report: Report, result: Result, zone: Any, *, names: bool) -> tuple[tuple[str, datetime], ...]:
    longest = result.df.head(_LISTED)
    shown = longest if names else report.pseudonyms.frame(longest)
    return tuple((str(row.chat_name or row.chat), row.asked.to_pydatetime().astimezone(zone)) for row in shown.itertuples())


def _why_empty(known: Result, whose: dict[str, Any], lang: Language) -> str:
    if not known.why_empty or whose.get("groups", False) is not False or whose.get("chat"):
        return known.why_empty
    return f"{known.why_empty} {speak(lang, 'Groups are not counted here: groups=None counts them as well.')}"
