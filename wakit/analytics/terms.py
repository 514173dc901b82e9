"""
Top terms: which words set a week apart from others, by TF-IDF.

A period is a document. A term that is in every period weighs least, and one that is written ten times as often not ten
times as much: (1 + ln uses) * (1 + ln((1 + periods) / (1 + periods with it))), which is what scikit-learn computes with
``sublinear_tf`` and ``smooth_idf``. Forms of a word count together, by the stems that the search has; Spanish and English words
that say nothing by themselves do not count. The host counts spellings, and stems are made here of each different one, so
memory is taken by the vocabulary and not by the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd
from ibis.expr.types import Table

from wakit.analytics.periods import Period, begin_of, local
from wakit.words import fold, stem, stop_words, words

#: Letters of the shortest term; and of the longest piece between blanks that may have one: more is a link or a code.
_SHORTEST, _LONGEST = 3, 60
#: What is in a piece that is no word of a language.
_NO_WORD = ("://", "www.", "@")


def spellings(texts: Table, *, by: Period, timezone: str, at_least: int) -> Table:
    """Return ``uses`` of every piece between blanks, in lower case, for each ``period`` with *at_least* so many of it."""
    period = begin_of(by, local(texts.written, timezone))
    pieces = texts.select(period=period, piece=texts.text.lower().split(" ").unnest())
    kept = pieces.filter((pieces.piece.length() >= _SHORTEST) & (pieces.piece.length() <= _LONGEST))
    counted = kept.group_by("period", "piece").aggregate(uses=kept.count())
    return counted.filter(counted.uses >= at_least)


def terms(spellings: pd.DataFrame, *, top: int, ignore: Collection[str] = ()) -> pd.DataFrame:
    """
    Return the *top* terms of each period, the one that tells most of it first.

    Its columns: ``period``; ``term``, as it is written most often; ``uses``; ``periods``, in how many it is; ``score``.

    Args:
        spellings: As ``spellings`` counts them.
        top: Most terms of a period.
        ignore: Words that are no terms, in any form.
    """
    known = _vocabulary(spellings.piece.unique(), {stem(fold(word)) for word in ignore})
    if known.empty:
        return pd.DataFrame(columns=["period", "term", "uses", "periods", "score"])
    found = spellings.merge(known, on="piece")
    shown = found.groupby(["stem", "word"]).uses.sum().reset_index().sort_values(["uses", "word"], ascending=[False, True])
    written = shown.drop_duplicates("stem").set_index("stem").word
    counted = found.groupby(["period", "stem"], as_index=False).uses.sum()
    counted["periods"] = counted.groupby("stem").period.transform("size")
    documents = spellings.period.nunique()
    counted["score"] = (1 + np.log(counted.uses)) * (1 + np.log((1 + documents) / (1 + counted.periods)))
    counted["term"] = counted.stem.map(written)
    best = counted.sort_values(["period", "score", "uses", "term"], ascending=[True, False, False, True])
    return best.groupby("period").head(top)[["period", "term", "uses", "periods", "score"]].reset_index(drop=True)


def _vocabulary(pieces: Collection[str], ignored: Collection[str]) -> pd.DataFrame:
    """Return the words of each piece that may be terms, with their stems: ``piece``, ``word`` and ``stem``."""
    rows = [(piece, word, root) for piece in pieces for word, root in _roots(piece) if root not in ignored]
    return pd.DataFrame(rows, columns=["piece", "word", "stem"])


def _roots(piece: str) -> Iterator[tuple[str, str]]:
    if any(sign in piece for sign in _NO_WORD):
        return
    for word in words(piece):
        if len(word.folded) >= _SHORTEST and word.folded.isalpha() and word.folded not in stop_words():
            yield piece[word.start : word.end], stem(word.folded)
