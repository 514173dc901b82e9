"""
Whether somebody says that they want no more messages, or that they want them again.

A pure function over the text of one message, in Spanish, English and Portuguese.
A single word counts only as the whole message ("BAJA", "stop!!", "vaja porfa"):
inside a sentence the same words are everyday ones ("quiero cancelar mi pedido",
"hay una baja de precios"). What may stand in a sentence are phrases that mean
nothing else ("no quiero más mensajes"). Both are read without accents, in any
case and with typing errors; what is one letter away from a word that people
really write ("alta", "caja", "salid") is no error.

What stands in quotation marks or behind ``>`` is somebody else's words and is
left out. A message that is nothing but one quoted word ("BAJA", as the
instruction printed it) is meant: who copies the marks wants out all the same.

The words and phrases themselves are in ``optout.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

#: Longer messages tell something; whoever wants out says so shortly.
LONGEST = 240


class Way(StrEnum):
    """What somebody wants."""

    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a message asks for."""

    way: Way
    #: ``es``, ``en`` or ``pt``; ``None`` where the word is the same in several.
    language: str | None


_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|‘[^’]*’|„[^“”]*[“”]|(?<!\w)'[^']*'(?!\w)", re.DOTALL)
_CITED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_MARKS = "\"“”„«»‘’'"
_LINK = re.compile(r"https?://\S+|www\.\S+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
#: The name of a part inside a phrase.
_PART = re.compile(r"<(\w+)>")
#: Letters that a word of a phrase has at least to be looked up, and of one that may have two errors.
_SHORT, _LONG = 5, 8
_REPEATED = re.compile(r"([a-z])\1{2,}")


def wish(text: str) -> Wish | None:
    """Return what the text of a message asks for: no more messages, messages again, or (``None``) something else."""
    own = _own_words(text)
    if not own or len(own) > LONGEST:
        return None
    said = _folded(own)
    return _as_a_whole(said) or _as_a_phrase(said)


def _own_words(text: str) -> str:
    """Return the text without links and without what it quotes."""
    whole = text.strip()
    bare = whole.strip(_MARKS)
    if bare != whole and " " not in bare and not set(bare) & set(_MARKS):
        return bare
    return _QUOTED.sub(" ", _CITED_LINE.sub(" ", _LINK.sub(" ", whole))).strip()


def _folded(text: str) -> str:
    """Return lower-case words without accents, decoration, and letters that somebody held down."""
    plain = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)).casefold().replace("'", "").replace("’", "")
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    words = _NOT_A_WORD.sub(" ", _REPEATED.sub(r"\1", plain)).split()
    if len(words) > 2 and all(len(word) == 1 for word in words):  # B A J A
        words = ["".join(words)]
    return " ".join(words)


def _as_a_whole(said: str) -> Wish | None:
    table = _table()
    if said in table.whole:
        return table.whole[said]
    words = {word for word in said.split() if word not in table.fillers}
    return _word(words.pop()) if len(words) == 1 else None


def _word(word: str) -> Wish | None:
    table = _table()
    if word in table.words:
        return table.words[word]
    if word in table.real:
        return None
    # The way out forgives errors; the way in must be said.
    ours = _nearest(word, (ours for ours, meant in table.words.items() if meant.way is Way.OUT))
    return None if ours is None else table.words[ours]


def _as_a_phrase(said: str) -> Wish | None:
    table = _table()
    said = " ".join(_in_vocabulary(word) for word in said.split())
    for language, pattern in table.phrases.items():
        found = pattern.search(said)
        if found is not None and table.turned.search(said[: found.start()]) is None:
            return Wish(Way.OUT, language)
    return None


def _in_vocabulary(word: str) -> str:
    """Return the word of the phrases that *word* is, typing errors taken off."""
    vocabulary = _table().vocabulary
    if len(word) < _SHORT or word in vocabulary:
        return word
    return _nearest(word, vocabulary) or word


def _nearest(word: str, some: Iterable[str]) -> str | None:
    """Return the one of *some* that *word* is but for typing errors; of two, the longer one."""
    from rapidfuzz.distance import OSA  # 3 MB of a host: only where somebody wrote

    near = ((OSA.distance(word, ours, score_cutoff=2), -len(ours), ours) for ours in some if _may_be(word, ours))
    distance, _, ours = min(near, default=(9, 0, ""))
    return ours if distance <= (2 if len(ours) >= _LONG else 1) else None


def _may_be(word: str, ours: str) -> bool:
    """Whether the beginning is right: people get the first letter right, or swap it with the second."""
    return len(ours) > 3 and (word[0] == ours[0] or word[:2] == ours[1::-1])


@dataclass(frozen=True)
class _Table:
    """The words and phrases of ``optout.toml``."""

    words: dict[str, Wish]
    whole: dict[str, Wish]
    phrases: dict[str, re.Pattern[str]]
    turned: re.Pattern[str]
    fillers: frozenset[str]
    real: frozenset[str]
    vocabulary: frozenset[str]


@cache
def _table() -> _Table:
    file = tomllib.loads(resources.files("wakit.outbox").joinpath("optout.toml").read_text("utf-8"))
    parts, letters = file["parts"], {name: frozenset(" ".join(lines).split()) for name, lines in file["letters"].items()}

    def pattern(text: str) -> str:
        return _PART.sub(lambda name: pattern(parts[name[1]]), text)

    return _Table(
        words=_meanings(file, "words", lambda lines: " ".join(lines).split()),
        whole=_meanings(file, "whole", lambda lines: lines),
        phrases={of: re.compile(rf"\b(?:{'|'.join(map(pattern, some))})") for of, some in file["out"]["phrases"].items()},
        turned=re.compile(parts["turned"]),
        **letters,
    )


def _meanings(file: dict[str, Any], table: str, items: Callable[[list[str]], list[str]]) -> dict[str, Wish]:
    return {
        item: Wish(way, None if language == "any" else language)
        for way in Way
        for language, lines in file[way][table].items()
        for item in items(lines)
    }
