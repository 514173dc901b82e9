"""
What charts are made of: lines over time, bars, cells and curves.

Lines differ in their strokes as well as in colour, which is never the only sign of anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd
from babel.dates import get_day_names

from wakit.analytics.result import Result
from wakit.languages import mark, translate

#: Told apart by who sees no red or no green, on white and on JupyterLab's dark grey (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")

_LABELS: Mapping[str, str] = {
    "delivered_p50": mark("delivered: median"),
    "read_p50": mark("read: median"),
    "read_p90": mark("read: 9 of 10"),
    "p50": mark("median"),
    "p90": mark("9 of 10"),
    "received": mark("received"),
    "sent": mark("sent"),
    "new": mark("new"),
    "returning": mark("returning"),
    "began": mark("begun"),
    "ended": mark("ended"),
    "delivered": mark("delivered"),
    "read": mark("read"),
    "replied": mark("replied"),
    "opted_out": mark("opted out"),
    "we_began": mark("begun by us"),
    "we_ended": mark("ended by us"),
    "replies": mark("replies"),
    "positive": mark("pleased"),
    "negative": mark("displeased"),
    "people": mark("people"),
    "uses": mark("uses"),
    "links": mark("links"),
    "answers": mark("answers"),
    "is answered": mark("is answered"),
    "conversations": mark("conversations"),
    "share": mark("share"),
    "minutes": mark("minutes"),
    "hours": mark("hours"),
    "messages": mark("messages"),
}
_HOUR = 3600
#: Steps that a curve can be seen to go down by.
_HIGHEST = 400
#: Most bars of a ranking.
_MOST = 12
#: Width that all bars over time share.
_BARS = 400
#: Most periods side by side, and the width of each.
_PERIODS, _COLUMN = 6, 92
#: Where an axis of times has its lines, in seconds, and how it says them.
_STEPS = (1, 5, 15, 60, 300, 900, 3600, 14400, 43200, 86400, 259200, 604800)
_SPOKEN = (
    "datum.value < 60 ? datum.value + ' s' : datum.value < 3600 ? datum.value / 60 + ' min' : "
    "datum.value < 86400 ? datum.value / 3600 + ' h' : datum.value / 86400 + ' d'"
)


def label(result: Result, name: str) -> str:
    """Return what a column or an axis is called."""
    return translate(result.lang, _LABELS.get(name, name))


def over_time(result: Result, columns: Mapping[str, str], *, divided_by: int = 1, unit: str = "messages") -> alt.Chart:
    """Return lines of *columns* over the periods, each with its name at its end."""
    tall = pd.concat(
        pd.DataFrame(
            {"period": result.df.period, "value": result.df[name].astype(float) / divided_by, "what": label(result, shown)}
        )
        for name, shown in columns.items()
    )
    names = [label(result, shown) for shown in columns.values()]
    drawn: alt.Chart = (
        alt.Chart(tall)
        .mark_line(point=True)
        .encode(
            x=alt.X("period:T", title=None),
            y=alt.Y("value:Q", title=label(result, unit), axis=alt.Axis(format="%") if unit == "share" else alt.Axis()),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=_legend(names)),
            strokeDash=alt.StrokeDash("what:N", sort=names, legend=None),
            tooltip=["period:T", "what:N", "value:Q"],
        )
    )
    return drawn


def _legend(names: list[str]) -> alt.Legend | None:
    """Return a legend above the lines, where it hides none; one line alone is named by its axis."""
    return alt.Legend(title=None, orient="top") if len(names) > 1 else None


def times(result: Result) -> alt.Chart:
    """Return the median and the ninth of ten of times, over the periods."""
    in_hours = result.df.p50.max() >= 2 * _HOUR
    return over_time(
        result, {"p50": "p50", "p90": "p90"}, divided_by=_HOUR if in_hours else 60, unit="hours" if in_hours else "minutes"
    )


def durations(result: Result, columns: Mapping[str, str]) -> alt.Chart:
    """Return times over the periods that may be seconds or days: ten times as long is one step up."""
    axis = alt.Axis(values=list(_STEPS), labelExpr=_SPOKEN, title=None)
    drawn: alt.Chart = over_time(result, columns).encode(
        y=alt.Y("value:Q", scale=alt.Scale(type="symlog", constant=1), axis=axis)
    )
    return drawn


def _time_axis() -> alt.Axis:
    return alt.Axis(values=list(_STEPS), labelExpr=_SPOKEN, labelOverlap="greedy", title=None)


def heatmap(result: Result) -> alt.Chart:
    """Return weekdays by hours, darker where more was written."""
    names = get_day_names("abbreviated", "stand-alone", locale=result.lang)
    days = [str(names[number]) for number in range(7)]
    cells = result.df.assign(day=[days[number] for number in result.df.weekday], messages=result.df.received + result.df.sent)
    drawn: alt.Chart = (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("hour:O", title=label(result, "hours")),
            y=alt.Y("day:O", sort=days, title=None),
            color=alt.Color("messages:Q", title=label(result, "messages"), scale=alt.Scale(scheme="blues")),
            tooltip=["day", "hour", "received", "sent"],
        )
    )
    return drawn


def curve(result: Result) -> alt.Chart:
    """Return the share that is left after a time, at each step that can be seen."""
    steps = (result.df.share * _HIGHEST).round()
    drawn: alt.Chart = (
        alt.Chart(result.df[steps != steps.shift()])
        .mark_line(interpolate="step-after", color=COLOURS[0])
        .encode(
            x=alt.X("seconds:Q", scale=alt.Scale(type="symlog", constant=1), axis=_time_axis()),
            y=alt.Y("share:Q", title=label(result, "share"), axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            tooltip=["seconds:Q", "share:Q"],
        )
    )
    return drawn


def bars(result: Result) -> alt.Chart:
    """Return a bar of messages for each type."""
    drawn: alt.Chart = (
        alt.Chart(result.df)
        .mark_bar(color=COLOURS[0])
        .encode(x=alt.X("messages:Q", title=label(result, "messages")), y=alt.Y("type:N", sort="-x", title=None))
    )
    return drawn


def ranked(result: Result, who: str, columns: Sequence[str], unit: str, *, font: int = 11) -> alt.Chart:
    """Return a bar of each of *columns* for those of *who* with the most, one below the other."""
    most = result.df.assign(who=result.df[who]).groupby("who", sort=False)[list(columns)].sum()
    most = most.loc[most.sum(axis=1).nlargest(_MOST).index]
    tall = pd.concat(pd.DataFrame({"who": most.index, "value": most[name], "what": label(result, name)}) for name in columns)
    names = [label(result, name) for name in columns]
    drawn: alt.Chart = (
        alt.Chart(tall)
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=label(result, unit)),
            y=alt.Y("who:N", sort=list(most.index), title=None, axis=alt.Axis(labelFontSize=font)),
            yOffset=alt.YOffset("what:N", sort=names),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=_legend(names)),
            tooltip=["who:N", "what:N", "value:Q"],
        )
    )
    return drawn


def intervals(result: Result, outcomes: Sequence[str]) -> Any:
    """Return for each campaign the shares of *outcomes*, with a line from one end of the interval to the other."""
    newest = result.df.head(_MOST // 2)
    again = newest.campaign.duplicated(keep=False)
    who = newest.campaign.where(~again, newest.campaign + newest.started.dt.strftime(" (%Y-%m-%d)"))
    parts = {part: f"_{part}" for part in ("share", "low", "high")}
    tall = pd.concat(
        pd.DataFrame({"who": who, "what": label(result, name)} | {part: newest[name + end] for part, end in parts.items()})
        for name in outcomes
    )
    names = [label(result, name) for name in outcomes]
    base = alt.Chart(tall).encode(
        y=alt.Y("who:N", sort=list(who), title=None),
        yOffset=alt.YOffset("what:N", sort=names),
        color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=_legend(names)),
        tooltip=["who:N", "what:N", *(alt.Tooltip(f"{part}:Q", format=".1%") for part in parts)],
    )
    x = alt.X("share:Q", title=label(result, "share"), axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]))
    lines = base.mark_rule(strokeWidth=2).encode(x=x.copy(), x2="high:Q")
    lines.encoding.x.shorthand = "low:Q"
    shapes = alt.Shape("what:N", scale=alt.Scale(domain=names), legend=None)
    return lines + base.mark_point(filled=True, size=70, opacity=1).encode(x=x, shape=shapes)


def ranks(result: Result) -> alt.Chart:
    """Return the terms of the newest periods below each other, in colour and bold where no other period has them."""
    shown = result.df[result.df.period.isin(sorted(result.df.period.unique())[-_PERIODS:])]
    days = shown.period.dt.strftime("%Y-%m-%d")
    placed = shown.assign(rank=shown.groupby("period").cumcount() + 1, own=shown.periods == 1, day=days)
    x = alt.X("day:O", title=None, axis=alt.Axis(orient="top", labelAngle=0, grid=False))
    y = alt.Y("rank:O", axis=None)
    base = alt.Chart(placed).encode(x=x, y=y, text="term:N", tooltip=["term:N", "uses:Q", "periods:Q"])
    size = alt.Size("score:Q", scale=alt.Scale(range=[10, 15], zero=False), legend=None)
    common = base.transform_filter("!datum.own").mark_text(limit=_COLUMN).encode(size=size)
    own = base.transform_filter("datum.own").mark_text(limit=_COLUMN, fontWeight="bold", color=COLOURS[1]).encode(size=size)
    drawn: alt.Chart = common + own
    return drawn


def opposed(result: Result, above: str, below: str, of: str) -> alt.Chart:
    """Return bars of the share of *above* over the line, and of *below* under it, for each period."""
    known = result.df[result.df[of] > 0]
    tall = pd.concat(
        pd.DataFrame({"period": known.period, "value": sign * known[name] / known[of], "what": label(result, name)})
        for name, sign in ((above, 1), (below, -1))
    )
    names = [label(result, above), label(result, below)]
    drawn: alt.Chart = (
        alt.Chart(tall.assign(share=tall.value.abs()))
        .mark_bar(size=max(2, min(40, _BARS // max(1, len(known)))))
        .encode(
            x=alt.X("period:T", title=None, scale=alt.Scale(padding=24)),
            y=alt.Y("value:Q", title=label(result, "share"), axis=alt.Axis(labelExpr="format(abs(datum.value), '.0%')")),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS[:2])), legend=_legend(names)),
            tooltip=["period:T", "what:N", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return drawn


def steps(result: Result) -> Any:
    """Return a bar for each step, with how many got there and which share of those who began."""
    order = list(result.df.step)
    told = result.df.assign(told=[f"{row.people} · {row.share:.0%}" for row in result.df.itertuples()])
    base = alt.Chart(told).encode(
        x=alt.X("people:Q", title=label(result, "people"), scale=alt.Scale(domain=[0, float(told.people.max()) * 1.15])),
        y=alt.Y("step:N", sort=order, title=None, axis=alt.Axis(labelFontSize=13)),
    )
    bars = base.mark_bar(color=COLOURS[0]).encode(tooltip=["step:N", "people:Q", "share:Q", "of_previous:Q"])
    return bars + base.mark_text(align="left", dx=6, fontSize=13).encode(text="told:N")


def shares(result: Result) -> alt.Chart:
    """Return a share over the periods."""
    return over_time(result, {"share": "share"}, unit="share")
