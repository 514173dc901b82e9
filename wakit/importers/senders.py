"""
Who wrote each message of a file.

WhatsApp puts a colon behind the name and does not care for colons in it, so the
text before the first one is only a candidate. A subject with a colon in it looks
like a name that was cut in its quotation marks; a name with a colon shows in
texts that all begin alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wakit.importers.arrays import Codes, Ints
from wakit.importers.headers import Headers
from wakit.importers.layout import MARKS

#: Candidates that come more often than this are people, whatever they are called.
_RARE = 3
#: Texts that must begin alike before a name is taken to go on behind its colon.
_ALIKE = 5
_LOOKED_AT = 200
_SILENT = re.compile(f"[{MARKS}]")
_PAIRS = (("“", "”"), ("«", "»"), ("「", "」"), ("『", "』"), ("‹", "›"))
#: A sentence, not a name.
_WORDS, _LETTERS = 8, 60


@dataclass(frozen=True, slots=True)
class Sender:
    """One name of the file."""

    name: str
    #: Whether the name is what the person chose, not what the phone's owner calls them.
    own_name: bool = False


def clean(name: str) -> Sender:
    """Return a name without marks, and without the tilde that stands before names people gave themselves."""
    text = unicodedata.normalize("NFC", _SILENT.sub("", name)).strip(" \t\u00a0\u202f")
    bare = text.removeprefix("~").strip(" \t\u00a0\u202f")
    return Sender(bare or text, own_name=text.startswith("~") and bool(bare))


def settle_senders(headers: Headers, read: Callable[[int, int], bytes], known: str | None, warnings: list[str]) -> list[Sender]:
    """
    Give every message its sender, and lines of WhatsApp's own none; return the senders.

    Args:
        headers: Their ``sender`` and ``text`` are corrected in place.
        read: Returns bytes of the file from one place to another.
        known: The name of the chat, if that is known.
        warnings: Told of what could be read in two ways.
    """
    counts = np.bincount(headers.sender[headers.sender >= 0], minlength=len(headers.senders))
    notices = [code for code, name in enumerate(headers.senders) if counts[code] <= _RARE and _is_sentence(name, counts[code])]
    _take_back(headers, np.asarray(notices, np.int32))
    _lengthen(headers, read, known, warnings)
    cleaned = [clean(name) for name in headers.senders]
    names = {sender.name: sender for sender in reversed(cleaned)}
    order = {name: code for code, name in enumerate(dict.fromkeys(sender.name for sender in cleaned))}
    if cleaned:
        mapped = np.asarray([order[sender.name] for sender in cleaned], np.int32)
        headers.sender = np.where(headers.sender >= 0, mapped[headers.sender], headers.sender).astype(np.int32)
    return [names[name] for name in order]


def _is_sentence(name: str, count: int) -> bool:
    if name.count('"') % 2 or any(name.count(left) > name.count(right) for left, right in _PAIRS):
        return True
    return count == 1 and len(name) > _LETTERS and len(name.split()) >= _WORDS


def _take_back(headers: Headers, codes: Codes) -> None:
    wrong = np.isin(headers.sender, codes)
    headers.text[wrong] = headers.body[wrong]
    headers.sender[wrong] = -1


def _lengthen(headers: Headers, read: Callable[[int, int], bytes], known: str | None, warnings: list[str]) -> None:
    """Let names go on behind their first colon where the chat's name or a notice of WhatsApp's says so."""
    for code, row in zip(*np.unique(headers.sender, return_index=True), strict=True):
        if code < 0 or b": " not in read(int(headers.text[row]), int(headers.end[row])):
            continue
        name, rows = headers.senders[code], np.flatnonzero(headers.sender == code)
        more = _common_beginning(headers, rows, read)
        if more is None:
            continue
        longer = f"{name}: {more}"
        if longer != known and not _is_noticed(headers, longer, read):
            if len(rows) >= _ALIKE:
                warnings.append(f"All messages of {name!r} begin with {more!r}; if that is part of the name, it was cut.")
            continue
        headers.senders[code] = longer
        headers.text[rows] += len(more.encode()) + 2


def _common_beginning(headers: Headers, rows: Ints, read: Callable[[int, int], bytes]) -> str | None:
    """Return what all messages begin with up to a colon; ``None`` if they do not."""
    start, _, rest = read(int(headers.text[rows[0]]), int(headers.end[rows[0]])).partition(b": ")
    if not rest or not start or len(start) > _LETTERS:
        return None
    step = max(1, len(rows) // _LOOKED_AT)
    wanted = start + b": "
    beginnings = (read(int(headers.text[row]), int(headers.text[row]) + len(wanted)) for row in rows[::step])
    return start.decode("utf-8", "replace") if all(beginning == wanted for beginning in beginnings) else None


def _is_noticed(headers: Headers, name: str, read: Callable[[int, int], bytes]) -> bool:
    wanted = name.encode()
    notices = np.flatnonzero(headers.sender < 0)[:_LOOKED_AT]
    return any(wanted in read(int(headers.body[row]), int(headers.end[row])) for row in notices)
