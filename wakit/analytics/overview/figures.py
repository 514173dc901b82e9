"""The ten figures that matter, each asked of the same report that a person can ask: one definition for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from wakit.analytics.overview import amounts
from wakit.analytics.overview.figure import Figure, Kind, Point
from wakit.analytics.overview.span import Span
from wakit.analytics.result import Result
from wakit.languages import Language, speak

if TYPE_CHECKING:
    from wakit.analytics.report import Report

_NONE = "—"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A report, and the two times that its figures are asked of."""

    report: Report
    #: Chats, account and time zone, without times.
    where: dict[str, Any]
    span: Span
    lang: Language
    within: timedelta
    #: Business hours and holidays, for the figures about waiting.
    hours: dict[str, Any]
    _answers: dict[str, Result] = field(default_factory=dict, repr=False)

    def now(self, name: str, **parameters: Any) -> Result:
        """Return a figure of the time itself."""
        return self._of(self.span, name, parameters)

    def before(self, name: str, **parameters: Any) -> Result:
        """Return the figure of the time before."""
        return self._of(self.span.before, name, parameters)

    def drawn(self, result: Result, column: str) -> tuple[Point, ...]:
        """Return a point for each period of the time, with a gap where a result has no row."""
        if result.df.empty:
            return ()
        first = pd.Timestamp(self.span.since.replace(tzinfo=None).date())
        step = 7 if self.span.by == "week" else 1
        if step > 1:
            first -= pd.Timedelta(days=first.weekday())
        found = {
            round((period - first).days / step): float(value)
            for period, value in zip(result.df.period, column_of(result, column), strict=True)
        }
        return tuple(Point(x, found.get(x)) for x in range(-(-self.span.days // step)))

    def _of(self, span: Span, name: str, parameters: dict[str, Any]) -> Result:
        question = f"{name} {span.since} {sorted(parameters.items())}"
        if question not in self._answers:
            figure: Callable[..., Result] = getattr(self.report, name)
            self._answers[question] = figure(**parameters, **self.where, since=span.since, until=span.until)
        return self._answers[question]


def column_of(result: Result, name: str) -> pd.Series:
    """Return a column, or the sum of the columns that ``+`` joins."""
    parts = [result.df[part] for part in name.split("+")]
    return sum(parts[1:], parts[0])


def ten(ask: Asking) -> tuple[Figure, ...]:
    """Return the figures in the order in which a person asks for them: how much, how fast, who waits, when."""
    figures = tuple(figure(ask) for figure in _TEN)
    if figures[0].n:
        return figures
    # that nobody waits is only known where something is
    return tuple(replace(figure, amount=None, value=_NONE) for figure in figures)


def _messages(ask: Asking) -> Figure:
    now, before = (of("volume", by=ask.span.by) for of in (ask.now, ask.before))
    note = speak(ask.lang, "{received} received, {sent} sent", **_counts(now, ("received", "sent"), ask.lang))
    return _counted(ask, now, before, "received+sent", note)


def _conversations(ask: Asking) -> Figure:
    now, before = (of("conversations", by=ask.span.by) for of in (ask.now, ask.before))
    total = now.df.conversations.sum()
    theirs = amounts.share(1 - now.df.began.sum() / total, ask.lang) if total else _NONE
    return _counted(ask, now, before, "conversations", speak(ask.lang, "{share} begun by customers", share=theirs))


def _customers(ask: Asking) -> Figure:
    now, before = (of("contacts", by=None) for of in (ask.now, ask.before))
    note = speak(ask.lang, "{new} for the first time", **_counts(now, ("new",), ask.lang))
    title = speak(ask.lang, "Customers")
    return _counted(ask, now, before, "new+returning", note, title=title, drawn=ask.now("contacts", by=ask.span.by))


def _first_response(ask: Asking) -> Figure:
    return _times(ask, "first_response", **ask.hours)


def _reply_time(ask: Asking) -> Figure:
    return _times(ask, "reply_time", **ask.hours)


def _resolution(ask: Asking) -> Figure:
    return _times(ask, "resolution")


def _attainment(ask: Asking) -> Figure:
    chosen = {"by": ask.span.by, "within": ask.within, **ask.hours}
    now, before = (of("attainment", **chosen) for of in (ask.now, ask.before))
    title = speak(ask.lang, "Answered in {time}", time=amounts.duration(ask.within.total_seconds()))
    return _shared(ask, now, before, ("met", "n"), title, speak(ask.lang, "{part} of {all}", **_parts(now, "met", "n", ask.lang)))


def _waiting(ask: Asking) -> Figure:
    now = ask.now("unanswered")
    oldest = now.df.asked.min().to_pydatetime().astimezone(ask.span.since.tzinfo) if len(now.df) else None
    note = "" if oldest is None else speak(ask.lang, "the oldest since {day}", day=amounts.day(oldest, ask.lang))
    amount = len(now.df)
    value = amounts.count(amount, ask.lang)
    return _figure(now, ask.lang, amount=amount, n=amount, value=value, note=note, points=_asked(now, ask.span))


def _busiest(ask: Asking) -> Figure:
    now = ask.now("busiest_hours")
    total = column_of(now, "received+sent") if len(now.df) else pd.Series(dtype="int64")
    if total.empty:
        return _figure(now, ask.lang, amount=None, n=0, value=_NONE)
    top = now.df.loc[total.idxmax()]
    value = f"{amounts.weekday(int(top.weekday), ask.lang)} {int(top.hour)}–{int(top.hour) + 1} h"
    part = amounts.share(total.max() / total.sum(), ask.lang)
    points = tuple(Point(row.hour, float(row.received + row.sent), row.weekday) for row in now.df.itertuples())
    note = speak(ask.lang, "{share} of all messages in this hour of the week", share=part)
    n = int(total.sum())
    return _figure(now, ask.lang, amount=float(total.max()), n=n, value=value, note=note, kind=Kind.HEAT, points=points)


def _voice(ask: Asking) -> Figure:
    now, before = (of("voice", by=ask.span.by) for of in (ask.now, ask.before))
    note = speak(ask.lang, "{part} of {all}", **_parts(now, "voice", "messages", ask.lang))
    return _shared(ask, now, before, ("voice", "messages"), now.meaning.title(ask.lang), note)


_TEN = (
    *(_messages, _conversations, _customers, _first_response, _reply_time),
    *(_attainment, _waiting, _resolution, _busiest, _voice),
)


def _counted(
    ask: Asking, now: Result, before: Result, column: str, note: str, *, title: str = "", drawn: Result | None = None
) -> Figure:
    """Return a figure that is a sum."""
    amount, earlier = (int(column_of(result, column).sum()) if len(result.df) else 0 for result in (now, before))
    points = ask.drawn(drawn or now, column)
    if not amount:
        return _figure(now, ask.lang, title=title, amount=None, n=0, value=_NONE, points=points)
    value = amounts.count(amount, ask.lang)
    change = _change(amount, earlier or None, value=amounts.count(earlier, ask.lang), lang=ask.lang)
    return _figure(
        now,
        ask.lang,
        title=title,
        amount=amount,
        before=earlier or None,
        n=amount,
        value=value,
        change=change,
        note=note,
        points=points,
    )


def _times(ask: Asking, name: str, **parameters: Any) -> Figure:
    """Return a figure that is a median of seconds."""
    now, before = (of(name, by=None, **parameters) for of in (ask.now, ask.before))
    drawn = ask.now(name, by=ask.span.by, **parameters)
    points = ask.drawn(drawn, "p50")
    n = int(now.df.n.sum())
    if not n:
        return _figure(now, ask.lang, amount=None, n=0, value=_NONE, note=_open(now, ask.lang), kind=Kind.TIMES, points=points)
    amount, earlier = float(now.df.p50[0]), float(before.df.p50[0]) if before.df.n.sum() else None
    slow = speak(ask.lang, "9 of 10 in {time}", time=amounts.duration(now.df.p90[0]))
    note = " · ".join(part for part in (slow, _open(now, ask.lang)) if part)
    change = "" if earlier is None else _change(amount, earlier, value=amounts.duration(earlier), lang=ask.lang)
    value = amounts.duration(amount)
    return _figure(
        now, ask.lang, amount=amount, before=earlier, n=n, value=value, change=change, note=note, kind=Kind.TIMES, points=points
    )


def _shared(ask: Asking, now: Result, before: Result, columns: tuple[str, str], title: str, note: str) -> Figure:
    """Return a figure that is a share: the sum of one column among that of another."""
    (part, whole), (earlier_part, earlier_whole) = (
        [int(result.df[name].sum()) if len(result.df) else 0 for name in columns] for result in (now, before)
    )
    points = ask.drawn(now, "share")
    if not whole:
        return _figure(now, ask.lang, title=title, amount=None, n=0, value=_NONE, kind=Kind.SHARES, points=points)
    amount, earlier = part / whole, earlier_part / earlier_whole if earlier_whole else None
    said = "" if earlier is None else amounts.share(earlier, ask.lang)
    change = _change(amount, earlier, value=said, lang=ask.lang, of_share=True)
    value = amounts.share(amount, ask.lang)
    return _figure(
        now,
        ask.lang,
        title=title,
        amount=amount,
        before=earlier,
        n=whole,
        value=value,
        change=change,
        note=note,
        kind=Kind.SHARES,
        points=points,
    )


def _figure(result: Result, lang: Language, *, title: str = "", note: str = "", n: int, **parts: Any) -> Figure:
    name = result.meaning.id.partition("/")[0]
    nothing = "" if n or result.meaning.id.startswith("unanswered/") else speak(lang, "Nothing to count in this time.")
    said = " ".join(part for part in (nothing, note if n or not nothing else "") if part)
    return Figure(name=name, meaning=result.meaning, title=title or result.meaning.title(lang), n=n, note=said, **parts)


def _change(now: float, before: float | None, *, value: str, lang: Language, of_share: bool = False) -> str:
    if before is None:
        return ""
    what = amounts.change(now, before, lang, of_share=of_share)
    return " · ".join(part for part in (what, speak(lang, "before {value}", value=value)) if part)


def _counts(result: Result, columns: Sequence[str], lang: Language) -> dict[str, str]:
    return {name: amounts.count(result.df[name].sum() if len(result.df) else 0, lang) for name in columns}


def _parts(result: Result, part: str, whole: str, lang: Language) -> dict[str, str]:
    counted = _counts(result, (part, whole), lang)
    return {"part": counted[part], "all": counted[whole]}


def _open(result: Result, lang: Language) -> str:
    """Return how many wait still, where the figure knows."""
    still = int(result.df.unanswered.sum()) if "unanswered" in result.df else 0
    return speak(lang, "{count} without an answer", count=amounts.count(still, lang)) if still else ""


def _asked(result: Result, span: Span) -> tuple[Point, ...]:
    """Return on how many days before its end how many of those who wait had asked."""
    zone = span.since.tzinfo
    asked = [at.to_pydatetime().astimezone(zone).date() for at in result.df.asked] if len(result.df) else []
    first: datetime = span.since
    counted = pd.Series([(at - first.date()).days for at in asked], dtype="int64").value_counts()
    step = 7 if span.by == "week" else 1
    return tuple(Point(x, float(counted[counted.index // step == x].sum()) or None) for x in range(-(-span.days // step)))
