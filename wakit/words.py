"""Texts as tables, the search index and counts of words can hold them: whole characters, folded words, stems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

#: Stands for ñ where accents are taken off: año and ano are different words.
ENYE = "ŋ"

#: What is longer than any word is several.
_WORD = re.compile(r"[\w\u0300-\u036f]{1,80}")
_ACCENTS = re.compile(r"[\u0300-\u036f]")


class Word(NamedTuple):
    """One word of a text and where it stands."""

    #: Lower case, without accents.
    folded: str
    start: int
    end: int


def sound(text: str) -> str:
    """Replace halves of characters (lone surrogates): Arrow, DuckDB and SQLite hold UTF-8 only."""
    return text.encode("utf-8", "replace").decode()


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text."""
    for match in _WORD.finditer(text):
        yield Word(_fold_word(match[0]), match.start(), match.end())


def folded(text: str) -> str:
    """Return the words of a text with single blanks between them, as ``words`` folds them."""
    return fold(" ".join(_WORD.findall(text)))


def fold(text: str) -> str:
    """Return a text in lower case and without accents, but for the tilde of ñ."""
    if text.isascii():
        return text.lower()
    composed = unicodedata.normalize("NFC", text).casefold().replace("ñ", ENYE)
    return _ACCENTS.sub("", unicodedata.normalize("NFD", composed))


def analyzer() -> TextAnalyzer:
    """
    Return what makes stems of folded words, one for each.

    A stem is what a word has in common with its plural and its kin. The Spanish
    stemmer goes first and the English one behind it, because nobody says in which
    language a message is; texts and questions go the same way.
    """
    builder = TextAnalyzerBuilder(Tokenizer.whitespace())
    return builder.filter(Filter.stemmer("spanish")).filter(Filter.stemmer("english")).build()


_ANALYZER = analyzer()


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Return the stem of a folded word."""
    return next(iter(_ANALYZER.analyze(word)), word)


_fold_word = lru_cache(maxsize=16_384)(fold)


@lru_cache(maxsize=1)
def stop_words() -> frozenset[str]:
    """Return the folded words of Spanish and English that say nothing by themselves."""
    from stop_words import get_stop_words  # only where words are counted

    return frozenset(fold(word) for language in ("spanish", "english") for word in get_stop_words(language))
