"""
The small plots of an overview, as SVG.

They are drawn here and not by Vega: ten of them take a thousandth of the second that its engine needs
to start, and they have neither axes nor legends, which is all that it would do for them. In one
colour that can be told from white and from JupyterLab's dark grey; gaps are no zeros: they stay empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, pairwise
from math import log1p

from wakit.analytics.overview.figure import Figure, Kind, Point

WIDTH, HEIGHT = 240, 44
_COLOUR = "#3b8ac4"
_FAINT = "#80808033"
_EDGE = 2.0
_DAYS, _HOURS = 7, 24


def svg(figure: Figure) -> str:
    """Return the small plot of a figure; an empty text where there is nothing to draw."""
    points = _scaled(figure)
    top = max((point.amount for point in points if point.amount is not None), default=None)
    if top is None:
        return ""
    draw = {Kind.BARS: _bars, Kind.TIMES: _line, Kind.SHARES: _line, Kind.HEAT: _heat}[figure.kind]
    marks = "".join(draw(points, top or 1.0))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return f"{head}{marks}</svg>"


def _scaled(figure: Figure) -> tuple[Point, ...]:
    """Return the points, times by their logarithm: one bad day would otherwise make all others look alike."""
    if figure.kind is not Kind.TIMES:
        return figure.points
    return tuple(replace(one, amount=None if one.amount is None else log1p(one.amount / 60)) for one in figure.points)


def _bars(points: tuple[Point, ...], top: float) -> Iterator[str]:
    step = WIDTH / max(len(points), 1)
    yield _base()
    for point in points:
        if point.amount:
            tall = max(point.amount / top * (HEIGHT - 1 - _EDGE), 1)
            yield _rect(point.x * step, HEIGHT - 1 - tall, max(min(step - 1, 18), 1), tall, _COLOUR)


def _line(points: tuple[Point, ...], top: float) -> Iterator[str]:
    """Yield one line for each run of periods without a gap, and a dot for each of them."""
    step = (WIDTH - 2 * _EDGE) / max(len(points) - 1, 1)
    places = [
        None if point.amount is None else (_EDGE + point.x * step, HEIGHT - _EDGE - point.amount / top * (HEIGHT - 2 * _EDGE))
        for point in points
    ]
    yield _base()
    for is_known, run in groupby(places, lambda place: place is not None):
        if is_known:
            spots = [place for place in run if place is not None]
            for (x1, y1), (x2, y2) in pairwise(spots):
                yield f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{_COLOUR}" stroke-width="1.6" fill="none"/>'
            for x, y in spots:
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{1.8 if len(points) < 40 else 1.2}" fill="{_COLOUR}"/>'


def _heat(points: tuple[Point, ...], top: float) -> Iterator[str]:
    """Yield a field for each hour of the week: Monday on top, midnight at the left."""
    wide, tall = WIDTH / _HOURS, HEIGHT / _DAYS
    yield _rect(0, 0, WIDTH, HEIGHT, _FAINT)
    for point in points:
        if point.amount:
            strong = 0.15 + 0.85 * point.amount / top
            yield _rect(point.x * wide, point.y * tall, wide - 0.5, tall - 0.5, _COLOUR, opacity=strong)


def _base() -> str:
    return _rect(0, HEIGHT - 1, WIDTH, 1, _FAINT)


def _rect(x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1.0) -> str:
    fade = "" if opacity >= 1 else f' fill-opacity="{opacity:.2f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{fade}/>'
