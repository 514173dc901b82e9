"""
An overview as a page: once for the cell of a notebook, once as a file that needs nothing else.

Plots are pictures within the page, and not SVG elements, since JupyterLab shows a notebook that somebody
else ran without them; colours are JupyterLab's own where there are any. Every text goes
through the template's escaping.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from wakit.analytics.coverage import BLIND, COMPLETE, PARTIAL
from wakit.analytics.overview import amounts, small
from wakit.analytics.overview.figure import Figure, Kind
from wakit.languages import Language, speak

if TYPE_CHECKING:
    from wakit.analytics.overview.overview import Overview

#: Below this share of its time a figure needs a warning.
_ENOUGH = 0.9
_ENVIRONMENT = Environment(loader=PackageLoader("wakit.analytics.overview", "."), autoescape=True)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line below the title, and whether it is a warning (``low``) or not (``soft``)."""

    text: str
    kind: str = "soft"


@dataclass(frozen=True, kw_only=True)
class Card:
    """A figure as it is written on the page."""

    name: str
    title: str
    value: str
    change: str
    note: str
    definition: str
    n: str
    svg: str
    alt: str
    #: What stands below the ends of the plot.
    first: str
    last: str
    #: What its highest point is.
    most: str

    @property
    def plot(self) -> str:
        """The small plot, as the address of a picture."""
        return f"data:image/svg+xml;base64,{b64encode(self.svg.encode()).decode()}" if self.svg else ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Who waits, and since when."""

    who: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything that an overview says, in one language."""

    title: str
    subtitle: str
    lines: tuple[Line, ...]
    cards: tuple[Card, ...]
    waiting: tuple[Waiting, ...]
    waiting_title: str
    footer: str


def page_of(overview: Overview) -> Page:
    """Return what is written on the page of an overview."""
    lang, span = overview.lang, overview.span
    about = (overview.about, amounts.days(span.since, span.until, lang), str(span.since.tzinfo))
    return Page(
        title=speak(lang, "Overview"),
        subtitle=" · ".join(part for part in about if part),
        lines=tuple(_lines(overview)),
        cards=tuple(_card(overview, figure) for figure in overview.figures),
        waiting=tuple(Waiting(who=who, since=amounts.day(at, lang)) for who, at in overview.waiting),
        waiting_title=speak(lang, "Who has waited longest"),
        footer=_footer(overview),
    )


def fragment(overview: Overview) -> str:
    """Return the page as an element of another one."""
    style = Markup(resources.files(__package__).joinpath("page.css").read_text("utf-8"))  # noqa: S704 - a file of ours
    template = _ENVIRONMENT.get_template("page.html")
    return template.render(page=page_of(overview), lang=overview.lang, style=style)


def document(overview: Overview) -> str:
    """Return the page as a file of its own, which fetches nothing."""
    style = Markup(resources.files(__package__).joinpath("document.css").read_text("utf-8"))  # noqa: S704 - a file of ours
    body = Markup(fragment(overview))  # noqa: S704 - of a template that escapes
    template = _ENVIRONMENT.get_template("document.html")
    return template.render(title=speak(overview.lang, "Overview"), lang=overview.lang, style=style, body=body)


def _lines(overview: Overview) -> list[Line]:
    lang = overview.lang
    lines = [_known(overview)]
    if overview.span.is_past:
        lines.append(Line(text=speak(lang, "Nothing newer is stored: the time ends with the last message.")))
    if overview.why_empty:
        lines.append(Line(text=overview.why_empty, kind="low"))
    return lines


def _known(overview: Overview) -> Line:
    """Return how much of the time is known: a warning where that is little."""
    lang, known, before = overview.lang, overview.known, overview.known_before
    if not known:
        return Line(text=speak(lang, "Nothing is known of what was written in this time."), kind="low")
    heard, told = (amounts.share(known.get(state, 0.0), lang) for state in (COMPLETE, PARTIAL))
    share = 1 - known[BLIND]
    text = speak(
        lang,
        "Known of this time: {share}. Heard live: {heard}; told by the phone, as in exported chats: {told}.",
        share=amounts.share(share, lang),
        heard=heard,
        told=told,
    )
    if (earlier := 1 - before.get(BLIND, 1.0)) < _ENOUGH:
        text += " " + speak(lang, "Of the time before: {share}; mind that in the changes.", share=amounts.share(earlier, lang))
    return Line(text=text, kind="soft" if share >= _ENOUGH else "low")


def _card(overview: Overview, figure: Figure) -> Card:
    lang = overview.lang
    first, last = _ends(overview, figure)
    return Card(
        name=figure.name,
        title=figure.title,
        value=figure.value,
        change=figure.change,
        note=figure.note,
        definition=f"{figure.meaning.words(lang)} [{figure.meaning.id}]",
        n=amounts.count(figure.n, lang),
        svg=small.svg(figure),
        alt=speak(lang, "Small plot: {title}, {first} to {last}", title=figure.title, first=first, last=last),
        first=first,
        last=last,
        most=_most(figure, lang),
    )


def _ends(overview: Overview, figure: Figure) -> tuple[str, str]:
    lang: Language = overview.lang
    if figure.kind is Kind.HEAT:
        return speak(lang, "0 h, Monday on top"), speak(lang, "24 h")
    span = overview.span
    return amounts.short_day(span.since, lang), amounts.short_day(amounts.last_of(span.until), lang)


def _most(figure: Figure, lang: Language) -> str:
    highest = max((point.amount for point in figure.points if point.amount is not None), default=None)
    if highest is None or figure.kind is Kind.HEAT:
        return ""
    read: dict[Kind, str] = {
        Kind.BARS: amounts.count(highest, lang),
        Kind.TIMES: amounts.duration(highest),
        Kind.SHARES: amounts.share(highest, lang),
    }
    return speak(lang, "at most {value}", value=read[figure.kind])


def _footer(overview: Overview) -> str:
    lang, before = overview.lang, overview.span.before
    compared = speak(lang, "Changes are against {days}.", days=amounts.days(before.since, before.until, lang))
    named = "" if overview.names else speak(lang, "People have pseudonyms.")
    made = speak(lang, "Made by wakit on {day}.", day=amounts.day(overview.made, lang))
    return " ".join(part for part in (compared, named, made) if part)
