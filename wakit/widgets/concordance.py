"""
What a search found as the rows that the browser draws: each find between what stands before and behind it, by chat.

The places of a find count Unicode's characters while a browser counts halves of
some of them, so texts are split here and travel in pieces.
"""

from __future__ import annotations

from collections.abc import Sequence

from wakit.found import Hit
from wakit.ids import JID
from wakit.redact import veil_numbers
from wakit.widgets.bubbles import Bubbles, key
from wakit.widgets.people import Row

#: A piece of a text, and whether it was asked for.
Piece = tuple[str, bool]
#: Most characters before a find: a line shows no more.
_BEFORE = 60


def groups(hits: Sequence[Hit], bubbles: Bubbles) -> list[Row]:
    """Return the finds by chat; chats and finds stay in the order in which they were found."""
    found: dict[tuple[str, str], Row] = {}
    for hit in hits:
        place = (hit.account, hit.chat)
        if place not in found:
            found[place] = {"account": hit.account, "name": bubbles.name(*place, hit.chat_name), "rows": []}
        found[place]["rows"].append(_row(hit, bubbles))
    return list(found.values())


def pieces(text: str, marks: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return *text* in pieces that are or are not between marks."""
    cut: list[Piece] = []
    end = 0
    for left, right in marks:
        cut += [(text[end:left], False), (text[left:right], True)]
        end = right
    return [piece for piece in (*cut, (text[end:], False)) if piece[0]]


def _row(hit: Hit, bubbles: Bubbles) -> Row:
    text = veil_numbers(_one_line(hit.snippet)) if bubbles.private else _one_line(hit.snippet)
    in_group = JID.parse(hit.chat).is_group
    first, last = hit.marks[0] if hit.marks else (0, 0)
    behind = [(left - last, right - last) for left, right in hit.marks[1:]]
    return {
        "key": key(hit.account, hit.chat, hit.message_id),
        "ts": round(hit.ts.timestamp() * 1000),
        "mine": hit.from_me,
        "who": bubbles.name(hit.account, hit.sender, hit.sender_name) if in_group and not hit.from_me else "",
        "before": _end_of(text[:first]),
        "word": text[first:last],
        "after": pieces(text[last:], behind),
        "revoked": hit.revoked_at is not None,
    }


def _one_line(text: str) -> str:
    """Return a text without line breaks, every other character in its place."""
    return "".join(" " if letter.isspace() else letter for letter in text)


def _end_of(text: str) -> str:
    if len(text) <= _BEFORE:
        return text
    space = text.find(" ", len(text) - _BEFORE)
    return f"…{text[max(space + 1, len(text) - _BEFORE) :]}"
