"""
The reports as charts, readable in both themes of JupyterLab and as a picture in a mail.

Each says what it shows in its title, and its definition and coverage below that. Lines differ in
their strokes as well as in colour, which is never the only sign of anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd

from wakit.analytics import definitions
from wakit.analytics.result import Result
from wakit.errors import InvalidInput
from wakit.languages import mark, translate

#: Told apart by who sees no red or no green, on white and on JupyterLab's dark grey (Okabe and Ito, 2008).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
#: Greys that can be read on both.
_INK, _GRID = "#808080", "#80808040"
_WIDTH, _HEIGHT = 560, 240
_LONGEST_LINE = 90

_LABELS: Mapping[str, str] = {
    "p50": mark("median"),
    "p90": mark("9 of 10"),
    "received": mark("received"),
    "sent": mark("sent"),
    "new": mark("new"),
    "returning": mark("returning"),
    "began": mark("begun by us"),
    "conversations": mark("conversations"),
    "share": mark("share"),
    "minutes": mark("minutes"),
    "hours": mark("hours"),
    "messages": mark("messages"),
}
_WEEKDAYS = tuple(map(mark, ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")))
_HOUR = 3600


def chart(result: Result) -> alt.Chart:
    """
    Return a result as a chart.

    Raises:
        InvalidInput: There is nothing to draw, or it is one row without a period.
    """
    draw = _DRAWN.get(result.meaning.id)
    if draw is None or result.df.empty or not ("period" in result.df or result.meaning.id in _TIMELESS):
        msg = f"{result.meaning.id} has no chart here: {result.why_empty or 'ask for it by a period, or look at .df'}"
        raise InvalidInput(msg, definition=result.meaning.id)
    drawn: alt.Chart = draw(result).properties(width=_WIDTH, height=_HEIGHT, title=_title(result))
    return _themed(drawn)


def _title(result: Result) -> alt.TitleParams:
    return alt.TitleParams(result.meaning.title(result.lang), subtitle=_lines(result.definition), anchor="start")


def _lines(text: str) -> list[str]:
    """Return *text* in lines that fit below a title."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= _LONGEST_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _themed(drawn: alt.Chart) -> alt.Chart:
    themed: alt.Chart = (
        drawn.configure(background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelColor=_INK, titleColor=_INK, gridColor=_GRID, domainColor=_GRID, tickColor=_GRID)
        .configure_title(color=_INK, subtitleColor=_INK, fontSize=15)
        .configure_legend(labelColor=_INK, titleColor=_INK)
        .configure_text(color=_INK)
    )
    return themed


def _label(result: Result, name: str) -> str:
    return translate(result.lang, _LABELS.get(name, name))


def _over_time(result: Result, columns: Mapping[str, str], *, divided_by: int = 1, unit: str = "messages") -> alt.Chart:
    """Return lines of *columns* over the periods, each with its name at its end."""
    tall = pd.concat(
        pd.DataFrame(
            {"period": result.df.period, "value": result.df[name].astype(float) / divided_by, "what": _label(result, shown)}
        )
        for name, shown in columns.items()
    )
    names = [_label(result, shown) for shown in columns.values()]
    drawn: alt.Chart = (
        alt.Chart(tall)
        .mark_line(point=True)
        .encode(
            x=alt.X("period:T", title=None),
            y=alt.Y("value:Q", title=_label(result, unit), axis=alt.Axis(format="%") if unit == "share" else alt.Axis()),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=_legend(names)),
            strokeDash=alt.StrokeDash("what:N", sort=names, legend=None),
            tooltip=["period:T", "what:N", "value:Q"],
        )
    )
    return drawn


def _legend(names: list[str]) -> alt.Legend | None:
    """Return a legend above the lines, where it hides none; one line alone is named by its axis."""
    return alt.Legend(title=None, orient="top") if len(names) > 1 else None


def _times(result: Result) -> alt.Chart:
    in_hours = result.df.p50.max() >= 2 * _HOUR
    return _over_time(
        result, {"p50": "p50", "p90": "p90"}, divided_by=_HOUR if in_hours else 60, unit="hours" if in_hours else "minutes"
    )


def _heatmap(result: Result) -> alt.Chart:
    days = [translate(result.lang, day) for day in _WEEKDAYS]
    cells = result.df.assign(day=[days[number] for number in result.df.weekday], messages=result.df.received + result.df.sent)
    drawn: alt.Chart = (
        alt.Chart(cells)
        .mark_rect()
        .encode(
            x=alt.X("hour:O", title=_label(result, "hours")),
            y=alt.Y("day:O", sort=days, title=None),
            color=alt.Color("messages:Q", title=_label(result, "messages"), scale=alt.Scale(scheme="blues")),
            tooltip=["day", "hour", "received", "sent"],
        )
    )
    return drawn


def _curve(result: Result) -> alt.Chart:
    minutes = result.df.assign(minutes=result.df.seconds / 60)
    drawn: alt.Chart = (
        alt.Chart(minutes)
        .mark_line(interpolate="step-after", color=COLOURS[0])
        .encode(
            x=alt.X("minutes:Q", title=_label(result, "minutes"), scale=alt.Scale(type="symlog")),
            y=alt.Y("share:Q", title=_label(result, "share"), axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        )
    )
    return drawn


def _bars(result: Result) -> alt.Chart:
    drawn: alt.Chart = (
        alt.Chart(result.df)
        .mark_bar(color=COLOURS[0])
        .encode(x=alt.X("messages:Q", title=_label(result, "messages")), y=alt.Y("type:N", sort="-x", title=None))
    )
    return drawn


def _shares(result: Result) -> alt.Chart:
    return _over_time(result, {"share": "share"}, unit="share")


_DRAWN: Mapping[str, Callable[[Result], Any]] = {
    definitions.FIRST_RESPONSE.id: _times,
    definitions.REPLY_TIME.id: _times,
    definitions.RESOLUTION.id: _times,
    definitions.ATTAINMENT.id: _shares,
    definitions.VOICE.id: _shares,
    definitions.BUSIEST_HOURS.id: _heatmap,
    definitions.WAITING_CURVE.id: _curve,
    definitions.MIX.id: _bars,
    definitions.VOLUME.id: lambda result: _over_time(result, {"received": "received", "sent": "sent"}),
    definitions.CONTACTS.id: lambda result: _over_time(result, {"new": "new", "returning": "returning"}),
    definitions.CONVERSATIONS.id: lambda result: _over_time(result, {"conversations": "conversations", "began": "began"}),
}
#: Charts that are not over time.
_TIMELESS = frozenset(meaning.id for meaning in (definitions.BUSIEST_HOURS, definitions.WAITING_CURVE, definitions.MIX))
