"""
Mood: how many messages sound pleased and how many do not, by words that somebody can read and correct.

The words are in ``mood.txt``, made for this by hand: as of November 2026 no list of Spanish ones could be had that may be
shipped and fits a shop. SentiLeak (PyPI) is under the GPL and untouched since 2022, sentiment-analysis-spanish needs
Keras, pysentimiento needs a model out of a hub, and the Spanish AFINN lists on npm are machine translations, or stems in
which to pay is bad and to want is good. A list of some hundred words misses irony and most of what people say, so a period
says of how many messages it speaks: what has no word of mood is unknown, not neutral. What stands behind a negation
("no me gustó", "not very good") is the opposite, somewhat weaker, as in VADER (Hutto and Gilbert, 2014).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources

import ibis
from ibis.expr.types import Table

from wakit.analytics.periods import Period, begin_of, local
from wakit.analytics.texts import found, unaccented
from wakit.errors import InvalidInput

#: The ends of the scale.
WORST, BEST = -2.0, 2.0
#: What is left of a value behind a negation, as VADER measured it.
NEGATED = -0.74
_NEGATIONS = (
    "no|ni|nunca|jamas|tampoco|sin|nada|ningun|ninguna|not|never|neither|nor|without|no one"
    "|(?:is|was|are|were|do|does|did|ca|could|wo|would|have|has)n['’]?t"
)
#: What may stand between a negation and what it negates.
_BETWEEN = (
    "me|te|le|les|lo|la|los|las|se|nos|es|son|esta|estan|estuvo|estaba|era|fue|fueron|ha|han|he|hay|hubo|tengo|tiene|tuve|tuvo"
    "|muy|tan|mas|un|una|ningun|ninguna|el|nada|de|para|is|are|was|were|be|been|so|very|that|really|a|an|the|too|at|all|any|had"
)
#: Wishes that are no mood.
_GREETING = (
    "(?:buen|buena|buenos|buenas|feliz|felices|lindo|linda|bonito|bonita|excelente|hermoso|hermosa|good|happy|nice|great)"
    " (?:dia|dias|tarde|tardes|noche|noches|semana|fin|inicio|jornada|viaje|ano|navidad|fiestas|cumpleanos"
    "|morning|afternoon|evening|night|day|weekend|week|birthday|holidays)"
)
#: A wish, a negation with what it negates, a word, or a sign: each is one piece.
_PIECE = (
    rf"\b{_GREETING}\b|\b(?:{_NEGATIONS}) (?:(?:{_BETWEEN}) ){{0,3}}[a-z]+|[a-z]+|[\x{{2600}}-\x{{27BF}}\x{{1F300}}-\x{{1FAFF}}]"
)
_LINE = re.compile(r"(?P<value>-?\d) (?P<words>.+)")
_FORMS = re.compile(r"(?P<stem>[^{]*)(?:\{(?P<endings>[^}]*)\})?")


def moods(texts: Table, values: Mapping[str, float], *, by: Period, timezone: str) -> Table:
    """
    Return for each period how many messages sound how.

    Its columns: ``period``; ``messages``; ``n``, those of them with a word of mood, which are ``positive``, ``negative`` or
    ``mixed``; ``known``, the share that ``n`` is; ``balance``, from -1, where all of those are negative, to 1.

    Args:
        texts: As ``texts.message_texts`` has them.
        values: What each word is worth, as ``lexicon`` returns it.
        by: One row for each.
        timezone: Whose days.
    """
    dated = texts.mutate(period=begin_of(by, local(texts.written, timezone)))
    scored = _scored(dated, values)
    written = dated.group_by("period").aggregate(messages=dated.count())
    spoken = scored.group_by("period").aggregate(
        n=scored.count(),
        positive=(scored.score > 0).cast("int64").sum(),
        negative=(scored.score < 0).cast("int64").sum(),
    )
    both = written.left_join(spoken, "period")
    n, positive, negative = (both[name].fill_null(0) for name in ("n", "positive", "negative"))
    return both.select(
        "period",
        "messages",
        n=n,
        positive=positive,
        negative=negative,
        mixed=n - positive - negative,
        known=n / both.messages,
        balance=(positive - negative) / n.nullif(0),
    ).order_by("period")


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, float]:
    text = resources.files("wakit.analytics").joinpath("mood.txt").read_text("utf-8")
    return {word: float(value) for value, words in _lines(text) for written in words.split() for word in _forms(written)}


def lexicon(more: Mapping[str, float] | None = None) -> Mapping[str, float]:
    """
    Return what each word is worth, folded as the texts are.

    Args:
        more: Words that are added to those of ``mood.txt``, or worth something else; 0 takes one out.

    Raises:
        InvalidInput: A value is off the scale, or a word is none.
    """
    own = {}
    for word, value in (more or {}).items():
        folded = plain(word)
        if not re.fullmatch(r"[a-z]+|[^\w\s]", folded):
            msg = f"The lexicon has {word!r}: one word of letters, or one emoji, is looked for."
            raise InvalidInput(msg, word=word)
        if not WORST <= value <= BEST:
            msg = f"{word!r} is worth {value}: the scale goes from {WORST:g}, very bad, to {BEST:g}, very good."
            raise InvalidInput(msg, word=word, value=value)
        own[folded] = float(value)
    return {word: value for word, value in {**_shipped(), **own}.items() if value}


def plain(word: str) -> str:
    """Return a word in lower case, without accents and without what only says how a sign is shown."""
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter) and letter != "\ufe0f")


def _scored(dated: Table, values: Mapping[str, float]) -> Table:
    """Return ``score``, the sum of its words' values, of each message that has any."""
    pieces = dated.select("account", "number", "item", "period", piece=found(unaccented(dated.text.lower()), _PIECE).unnest())
    parted = pieces.mutate(word=pieces.piece.re_extract("[^ ]+$", 0), is_negated=pieces.piece.contains(" "))
    known = parted.filter(parted.word.isin(sorted(values)))
    worth = ibis.cases(
        *(
            (known.word.isin(sorted(word for word, own in values.items() if own == value)), value)
            for value in sorted(set(values.values()))
        ),
        else_=0.0,
    )
    valued = known.mutate(worth=known.is_negated.ifelse(worth * NEGATED, worth))
    return valued.group_by("account", "number", "item", "period").aggregate(score=valued.worth.sum())


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            match = _LINE.fullmatch(line)
            if match is None:
                msg = f"mood.txt has a line that is no value with words: {line!r}"
                raise ValueError(msg)
            yield match["value"], match["words"]


def _forms(written: str) -> Iterator[str]:
    """Yield the words that ``encant{a,o}`` stands for."""
    match = _FORMS.fullmatch(written)
    if match is None:
        msg = f"mood.txt has {written!r}, whose braces stand for no endings"
        raise ValueError(msg)
    yield from (match["stem"] + ending for ending in (match["endings"] or "").split(","))
