"""
What people type into a search box.

All words must be there, in any order and form; ``"…"`` is a phrase, ``word*`` a
beginning, ``-word`` must not be there. Accents and case do not matter, ñ does.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from wakit.errors import InvalidInput
from wakit.words import ENYE, Word, stem, words

#: Most n and ñ of a word that a loose search tries in both ways.
LOOSE_LETTERS = 4

_PART = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?(?P<open>\*?)|(?P<word>\S+))')


@dataclass(frozen=True, kw_only=True)
class Term:
    """One thing that a text must have, or must not have."""

    #: One folded word, or those of a phrase.
    words: tuple[str, ...]
    #: The last word may go on.
    prefix: bool = False
    excluded: bool = False
    #: n and ñ are one letter.
    loose: bool = False

    def spellings(self, word: str) -> list[str]:
        """Return the ways to write a word that count as the same."""
        letters = [n for n, letter in enumerate(word) if letter in {"n", ENYE}] if self.loose else []
        choices = [("n", ENYE) if n in letters[:LOOSE_LETTERS] else (letter,) for n, letter in enumerate(word)]
        return ["".join(chosen) for chosen in itertools.product(*choices)]

    def places(self, text: Sequence[Word]) -> list[range]:
        """Return where a text has it, as ranges of its words."""
        size = len(self.words)
        starts = range(len(text) - size + 1)
        return [range(start, start + size) for start in starts if self._stands_at(text[start : start + size])]

    def _stands_at(self, part: Sequence[Word]) -> bool:
        last = len(self.words) - 1
        return all(self._is(word, found.folded, n == last) for n, (word, found) in enumerate(zip(self.words, part, strict=True)))

    def _is(self, wanted: str, found: str, last: bool) -> bool:
        if self.loose:
            wanted, found = wanted.replace(ENYE, "n"), found.replace(ENYE, "n")
        if last and self.prefix:
            return found.startswith(wanted)
        return found == wanted or stem(found) == stem(wanted)


@dataclass(frozen=True)
class Question:
    """All terms of one search."""

    terms: tuple[Term, ...]

    @classmethod
    def parse(cls, text: str, *, loose: bool = False) -> Question:
        """
        Read what was typed.

        Raises:
            InvalidInput: There is no word in it that must be there.
        """
        terms = tuple(term for part in _PART.finditer(text) if (term := _term(part, loose)).words)
        if not any(not term.excluded for term in terms):
            msg = f"{text[:64]!r} has no word to search for. Write at least one; a - before a word leaves it out."
            raise InvalidInput(msg, query=text[:64])
        return cls(terms)

    def marks(self, text: str) -> list[tuple[int, int]] | None:
        """Return start and end of everything in *text* that was asked for, or ``None`` where the text is no answer."""
        found = list(words(text))
        spans = set()
        for term in self.terms:
            places = term.places(found)
            if bool(places) is term.excluded:
                return None
            spans |= {(found[place.start].start, found[place.stop - 1].end) for place in places if not term.excluded}
        return sorted(spans)


def _term(part: re.Match[str], loose: bool) -> Term:
    typed = part["word"] if part["word"] is not None else part["phrase"]
    return Term(
        words=tuple(word.folded for word in words(typed)),
        prefix=typed.endswith("*") or bool(part["open"]),
        excluded=bool(part["minus"]),
        loose=loose,
    )
