"""
The reports as charts, readable in both themes of JupyterLab and as a picture in a mail.

Each says what it shows in its title, and its definition and coverage below that; ``marks`` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import altair as alt
import vl_convert

from wakit.analytics import campaigns, definitions, graphs, marks, renderer
from wakit.analytics.result import Result
from wakit.errors import InvalidInput
from wakit.languages import Language

#: Greys that can be read on both.
_INK, _GRID = "#808080", "#80808040"
_WIDTH, _HEIGHT = 560, 240
_LONGEST_LINE = 90
_LOCALES: Mapping[Language, Literal["es-ES", "en-US"]] = {"es": "es-ES", "en": "en-US"}


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
    renderer.enable()
    drawn: alt.Chart = draw(result).properties(width=_WIDTH, height=_HEIGHT, title=_title(result))
    finished: alt.Chart = themed(drawn, result.lang)
    return finished


def _title(result: Result) -> alt.TitleParams:
    return alt.TitleParams(result.meaning.title(result.lang), subtitle=_lines(result.definition), anchor="start", offset=12)


def _lines(text: str) -> list[str]:
    """Return *text* in lines that fit below a title."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= _LONGEST_LINE:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _locale(lang: Language) -> dict[str, Any]:
    """Return how numbers and the names of months are written."""
    name = _LOCALES[lang]
    return {"number": vl_convert.get_format_locale(name), "time": vl_convert.get_time_format_locale(name)}


def themed(drawn: Any, lang: Language) -> Any:
    """Return a chart in the greys of both themes, with the numbers and months of a language."""
    return (
        drawn.configure(background="transparent", locale=_locale(lang))
        .configure_view(stroke=None)
        .configure_axis(labelColor=_INK, titleColor=_INK, gridColor=_GRID, domainColor=_GRID, tickColor=_GRID)
        .configure_title(color=_INK, subtitleColor=_INK, fontSize=15)
        .configure_legend(labelColor=_INK, titleColor=_INK)
        .configure_text(color=_INK)
    )


_DRAWN: Mapping[str, Callable[[Result], Any]] = {
    definitions.FIRST_RESPONSE.id: marks.times,
    definitions.REPLY_TIME.id: marks.times,
    definitions.RESOLUTION.id: marks.times,
    definitions.ATTAINMENT.id: marks.shares,
    definitions.VOICE.id: marks.shares,
    definitions.BUSIEST_HOURS.id: marks.heatmap,
    definitions.WAITING_CURVE.id: marks.curve,
    definitions.LAG.id: lambda result: marks.durations(
        result, {name: name for name in ("delivered_p50", "read_p50", "read_p90")}
    ),
    definitions.LAG_CURVE.id: marks.curve,
    definitions.MIX.id: marks.bars,
    definitions.VOLUME.id: lambda result: marks.over_time(result, {"received": "received", "sent": "sent"}),
    definitions.CONTACTS.id: lambda result: marks.over_time(result, {"new": "new", "returning": "returning"}),
    definitions.CONVERSATIONS.id: lambda result: marks.over_time(
        result, {"conversations": "conversations", "began": "we_began", "ended": "we_ended"}, unit="conversations"
    ),
    definitions.STARTERS.id: lambda result: marks.ranked(result, "name", ("began", "ended"), "conversations"),
    definitions.CAMPAIGNS.id: lambda result: marks.intervals(result, campaigns.OUTCOMES),
    definitions.FUNNEL.id: marks.steps,
    definitions.TERMS.id: marks.ranks,
    definitions.MOOD.id: lambda result: marks.opposed(result, "positive", "negative", "n"),
    definitions.EMOJI.id: lambda result: marks.ranked(result, "emoji", ("received", "sent"), "uses", font=17),
    definitions.LINKS.id: lambda result: marks.ranked(result, "domain", ("received", "sent"), "links"),
    definitions.REPLY_NETWORK.id: graphs.circle,
    definitions.RESPONSE_MATRIX.id: graphs.matrix,
}
#: Charts that are not over time.
_TIMELESS = frozenset(
    meaning.id
    for meaning in (
        definitions.BUSIEST_HOURS,
        definitions.WAITING_CURVE,
        definitions.LAG_CURVE,
        definitions.MIX,
        definitions.STARTERS,
        definitions.CAMPAIGNS,
        definitions.FUNNEL,
        definitions.EMOJI,
        definitions.LINKS,
        definitions.REPLY_NETWORK,
        definitions.RESPONSE_MATRIX,
    )
)
