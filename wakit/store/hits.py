"""The part of a message that a search shows."""

from __future__ import annotations

from collections.abc import Sequence

#: Characters of a snippet.
SNIPPET = 160
#: How much of it stands before the first mark.
BEFORE = 40


def snippet(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a part of *text* around the first mark, cut between words, and the marks that are in it."""
    if len(text) <= SNIPPET:
        return text, tuple(marks)
    start = _word_start(text, max(0, marks[0][0] - BEFORE)) if marks else 0
    stop = min(len(text), max(start + SNIPPET, marks[0][1] if marks else 0))
    head, tail = "…" if start else "", "…" if stop < len(text) else ""
    shift = len(head) - start
    inside = tuple((left + shift, right + shift) for left, right in marks if right <= stop)
    return f"{head}{text[start:stop]}{tail}", inside


def _word_start(text: str, position: int) -> int:
    space = text.find(" ", position, position + BEFORE)
    return position if position == 0 or space < 0 else space + 1
