"""A rehearsal as a chart: the people it reached above the messages of each hour."""

from __future__ import annotations

import altair as alt
import pandas as pd

from wakit.analytics import renderer
from wakit.analytics.marks import COLOURS
from wakit.analytics.plots import themed
from wakit.languages import Language, mark, translate

_STEPS = {"sent": mark("sent"), "delivered": mark("delivered"), "read": mark("read"), "answered": mark("answered")}
_PEOPLE, _IN_HOUR = mark("people"), mark("in the hour")
#: The hour, and at midnight the day.
_CLOCK = "hours(datum.value) == 0 ? timeFormat(datum.value, '%a %d') : timeFormat(datum.value, '%H:%M')"
_WIDTH, _HIGH, _LOW = 560, 200, 110


def chart(frame: pd.DataFrame, hours: pd.DataFrame, lang: Language, *, title: str) -> alt.VConcatChart:
    """Return both, over the same days and by the clock of the account."""
    renderer.enable()
    zone = str(hours["hour"].dt.tz)
    x = alt.X("at:T", title=None, axis=alt.Axis(labelOverlap=True, labelExpr=_CLOCK))
    names = [translate(lang, name) for name in _STEPS.values()]
    reached = pd.concat([_counted(frame[step], zone, translate(lang, name)) for step, name in _STEPS.items()])
    legend = alt.Legend(title=None, orient="top")
    lines = (
        alt.Chart(reached, width=_WIDTH, height=_HIGH)
        .mark_line(interpolate="step-after")
        .encode(
            x=x,
            y=alt.Y("people:Q", title=translate(lang, _PEOPLE)),
            color=alt.Color("what:N", scale=alt.Scale(domain=names, range=list(COLOURS)), legend=legend),
            strokeDash=alt.StrokeDash("what:N", sort=names, legend=None),
            tooltip=["at:T", "what:N", "people:Q"],
        )
    )
    each = hours.assign(at=hours["hour"].dt.tz_localize(None), end=hours["hour"].dt.tz_localize(None) + pd.Timedelta(hours=1))
    bars = (
        alt.Chart(each, width=_WIDTH, height=_LOW)
        .mark_rect(color=COLOURS[0])
        .encode(
            x=x,
            x2="end:T",
            y=alt.Y("sent:Q", title=translate(lang, _IN_HOUR)),
            y2=alt.datum(0),
            tooltip=["at:T", "sent:Q", "left_in_hour:Q", "left_in_day:Q", "waits_for:N"],
        )
    )
    both = alt.vconcat(lines, bars, title=alt.TitleParams(title, anchor="start")).resolve_scale(x="shared")
    finished: alt.VConcatChart = themed(both, lang)
    return finished


def _counted(instants: pd.Series, zone: str, what: str) -> pd.DataFrame:
    """Return how many it were by each of *instants*."""
    at = instants.dropna().sort_values().dt.tz_convert(zone).dt.tz_localize(None)
    return pd.DataFrame({"at": at.to_numpy(), "people": range(1, len(at) + 1), "what": what})
