"""Who answers whom, as a chart: people on a circle with a line for each pair, and a matrix of the same."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pandas as pd

from wakit.analytics.marks import COLOURS, label
from wakit.analytics.result import Result

#: Most people who are drawn, the liveliest; more are a ball of wool.
_MOST = 16
_THICKEST = 9


def circle(result: Result) -> Any:
    """Return the liveliest people on a circle, and a line between two of whom one replied, thicker with more replies."""
    pairs = _liveliest(result.df, "replies")
    places = _places(pairs)
    lines = _together(pairs).merge(places.add_suffix("_a"), left_on="a", right_on="name_a")
    lines = lines.merge(places.add_suffix("_b"), left_on="b", right_on="name_b")
    hidden = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    x, y = (alt.Scale(domain=[-limit, limit]) for limit in (2.4, 1.25))
    drawn = (
        alt.Chart(lines)
        .mark_rule(color=COLOURS[0], opacity=0.55)
        .encode(
            x=alt.X("x_a:Q", axis=hidden, scale=x),
            y=alt.Y("y_a:Q", axis=hidden, scale=y),
            x2="x_b:Q",
            y2="y_b:Q",
            strokeWidth=alt.StrokeWidth("replies:Q", scale=alt.Scale(range=[0.8, _THICKEST]), title=label(result, "replies")),
            tooltip=["a", "b", "replies"],
        )
    )
    people = alt.Chart(places)
    dots = people.mark_circle(color=COLOURS[1], opacity=1).encode(
        x="x:Q", y="y:Q", size=alt.Size("replies:Q", scale=alt.Scale(range=[40, 400]), legend=None), tooltip=["name", "replies"]
    )
    return drawn + dots + _written(people, places)


def matrix(result: Result) -> Any:
    """Return who answers by who is answered, darker where it is more often, with the number in each cell."""
    pairs = _liveliest(result.df, "turns")
    order = list(_places(pairs.rename(columns={"turns": "replies"})).name)
    base = alt.Chart(pairs).encode(
        x=alt.X("sender:N", sort=order, title=label(result, "is answered"), axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("answerer:N", sort=order, title=label(result, "answers")),
    )
    middle = float(pairs.turns.max()) / 2
    cells = base.mark_rect().encode(
        color=alt.Color("turns:Q", scale=alt.Scale(scheme="blues"), legend=None), tooltip=["sender", "answerer", "turns"]
    )
    numbers = base.mark_text().encode(
        text="turns:Q", color=alt.condition(alt.datum.turns > middle, alt.value("white"), alt.value("#202020"))
    )
    return cells + numbers


def _liveliest(pairs: pd.DataFrame, weight: str) -> pd.DataFrame:
    """Return the pairs among those who took part in most."""
    taken = pd.concat([pairs.set_index(side)[weight] for side in ("sender", "answerer")]).groupby(level=0).sum()
    most = set(taken.nlargest(_MOST).index)
    return pairs[pairs.sender.isin(most) & pairs.answerer.isin(most)]


def _places(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return each person's ``name``, ``replies`` given and taken, and place on the circle, the liveliest first."""
    given = pd.concat([pairs.set_index(side).replies for side in ("sender", "answerer")]).groupby(level=0).sum()
    places = given.sort_values(ascending=False, kind="stable").rename_axis("name").reset_index()
    turns = [2 * math.pi * number / len(places) for number in range(len(places))]
    return places.assign(x=[math.sin(turn) for turn in turns], y=[math.cos(turn) for turn in turns])


def _together(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each two people, whoever replied: ``a``, ``b`` and ``replies``."""
    first = pairs.sender.where(pairs.sender < pairs.answerer, pairs.answerer)
    second = pairs.answerer.where(pairs.sender < pairs.answerer, pairs.sender)
    return pairs.assign(a=first, b=second).groupby(["a", "b"], as_index=False).replies.sum()


def _written(people: alt.Chart, places: pd.DataFrame) -> Any:
    """Return the names outside the circle: to the right of what is on its right, and to the left of the rest."""
    names = people.encode(x="x:Q", y="y:Q", text="name:N")
    right = names.properties(data=places[places.x >= 0]).mark_text(align="left", dx=16, limit=150)
    return right + names.properties(data=places[places.x < 0]).mark_text(align="right", dx=-16, limit=150)
