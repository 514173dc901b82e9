"""
An export as far as it can be understood before anybody decides anything: its layout, its dates, its people.

Everything is inferred from all header lines of the file. What stays open (dates
that can be read in two orders) is kept open here; ``read`` asks, ``inspect``
tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from wakit.importers import phrases
from wakit.importers.arrays import Bytes, Ints
from wakit.importers.contents import Habits, bracketed, content_of, plain
from wakit.importers.dates import DateOrder, Reading, parse_date, reading_in, readings
from wakit.importers.encodings import LINE_LIMIT
from wakit.importers.headers import Headers, find_headers, release
from wakit.importers.layout import Layout, common_layouts
from wakit.importers.refusals import EXPORT_AGAIN, refused
from wakit.importers.senders import Sender, settle_senders
from wakit.importers.source import Source, open_source
from wakit.model import MessageType

#: A bracketed sentence that stands in so many messages is WhatsApp's.
_HABIT = 3
_LOOKED_AT = 2000
#: Senders with so few lines may be a group's name above a notice.
_RARE = 3
_MARK = 0xE2
_LESS, _MORE = b"<>"
_IS_BREAK = np.zeros(256, np.bool_)
_IS_BREAK[[*b"\r\n"]] = True
_NO_DAY = -(2**40)
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class Parsed:
    """An open export; close it."""

    source: Source
    layout: Layout
    headers: Headers
    readings: list[Reading]
    senders: list[Sender]
    habits: Habits
    #: The chat's name, as far as the file tells it.
    chat: str | None
    #: Whether the name of the chat is none of its members'.
    is_group: bool
    #: Where each text ends.
    text_end: Ints
    #: Day since 1970 of each message, once the order of dates is decided.
    days: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    warnings: list[str] = field(default_factory=list)

    def close(self) -> None:
        """Give text and places back."""
        self.headers.keep(np.zeros(len(self.headers), np.bool_))
        self.text_end = self.days = np.empty(0, np.int64)
        self.source.close()

    def decide(self, order: DateOrder) -> None:
        """Read the dates in *order*; lines whose date does not exist in it become text."""
        table = [parse_date(text, order) for text in self.headers.dates]
        days = np.asarray([day.toordinal() - _EPOCH if day else _NO_DAY for day in table], np.int64)[self.headers.date]
        exists = days != _NO_DAY
        if not exists.all():
            self.warnings.append(f"{np.count_nonzero(~exists)} lines with a date that does not exist were kept as text.")
            self.headers.keep(exists)
            days = days[exists]
        self.days = days
        self.text_end = _text_ends(self.source, self.headers)


def parse(path: Path, chat: str | None, today: date) -> Parsed:
    """
    Open an export and find out everything that is certain about it.

    Raises:
        InvalidInput: It is no export of a chat.
        StorageFull: There is no room for a copy of it.
    """
    source = open_source(path)
    try:
        return _parse(source, chat, today)
    except BaseException:
        source.close()
        raise


def dates_in(parsed: Parsed, order: DateOrder) -> Reading:
    """
    Return the reading in an order that the caller knows.

    Raises:
        InvalidInput: More than a few dates do not exist in it.
    """
    headers = parsed.headers
    counts = np.bincount(headers.date, minlength=len(headers.dates))
    reading = reading_in(dict(zip(headers.dates, counts.tolist(), strict=True)), order)
    if reading is not None:
        return reading
    wrong = next((text for text in headers.dates if parse_date(text, order) is None), headers.dates[0])
    others = " or ".join(found.order for found in parsed.readings)
    advice = f"Its dates are in the order {others}." if others else EXPORT_AGAIN
    raise refused(parsed.source.name, f"has dates that do not exist in the order {order}, such as {wrong!r}", advice)


def _parse(source: Source, chat: str | None, today: date) -> Parsed:
    layouts = common_layouts(source.text)
    if not layouts:
        raise refused(source.name, "is no export of a WhatsApp chat: none of its lines begins with a date and a time")
    headers = find_headers(source.name, source.text, layouts)
    layout = layouts[0]
    if not len(headers):
        raise refused(source.name, f"has no message in the layout {str(layout)!r} whose time exists")
    named = chat or name_in(source.name)
    warnings = [*source.warnings]
    senders = settle_senders(headers, lambda start, end: source.text[start:end], named, warnings)
    parsed = Parsed(
        source=source,
        layout=layout,
        headers=headers,
        readings=_readings(headers, today),
        senders=senders,
        habits=_habits(source, headers, layout),
        chat=named,
        is_group=False,
        text_end=_text_ends(source, headers),
        warnings=warnings,
    )
    if not parsed.readings:
        raise refused(source.name, f"has dates that fit no order of day, month and year, such as {headers.dates[0]!r}")
    _tell_chat_from_people(parsed, chosen=chat is not None)
    return parsed


def name_in(file: str) -> str | None:
    """Return the name of a chat from the name that WhatsApp gave its export."""
    stem = file.rpartition(".")[0] or file
    text = plain(stem.replace("_", " "))
    for beginning in phrases.FILE_NAMES:
        if text.startswith(beginning):
            name = " ".join(stem.replace("_", " ").replace("\u00a0", " ").split())[len(beginning) :]
            bare, _, copy = name.rpartition(" (")
            return (bare if bare and copy.rstrip(")").isdigit() else name).strip() or None
    return None


def _readings(headers: Headers, today: date) -> list[Reading]:
    codes = headers.date
    changes = np.flatnonzero(np.append(True, codes[1:] != codes[:-1]))
    counts = np.bincount(codes, minlength=len(headers.dates))
    texts = dict(zip(headers.dates, counts.tolist(), strict=True))
    return readings(texts, [headers.dates[code] for code in codes[changes].tolist()], today)


def _data(source: Source) -> Bytes:
    return np.frombuffer(source.text, np.uint8)


def _text_ends(source: Source, headers: Headers) -> Ints:
    """Return where each text ends: before the next header, without line breaks."""
    data = _data(source)
    ends = np.append(headers.start[1:], headers.size)
    while (breaks := (ends > headers.text) & _IS_BREAK[data[ends - 1]]).any():
        ends = ends - breaks
    longest = int(np.argmax(ends - headers.text))
    if ends[longest] - headers.text[longest] > LINE_LIMIT:
        why = f"has no new message for more than {LINE_LIMIT:,} bytes behind line {headers.line[longest]}"
        raise refused(source.name, why)
    release(source.text, 0, headers.size)
    return ends


def _habits(source: Source, headers: Headers, layout: Layout) -> Habits:
    data = _data(source)
    rows = np.flatnonzero((data[headers.end - 1] == _MORE) & (headers.end > headers.text))
    whole: Counter[str] = Counter()
    behind: Counter[str] = Counter()
    for row in rows[:: max(1, len(rows) // _LOOKED_AT)].tolist():
        line = source.text[int(headers.text[row]) : int(headers.end[row])].decode("utf-8", "replace")
        if found := bracketed(line):
            (whole if found[1] else behind)[found[0]] += 1
    release(source.text, 0, headers.size)
    return Habits(
        marks_own_words=layout.brackets,
        omitted={words for words, count in whole.items() if count >= _HABIT and _is_sentence(words)},
        edited={words for words, count in behind.items() if count >= _HABIT and _is_sentence(words)},
    )


def _is_sentence(words: str) -> bool:
    """Tell WhatsApp's sentences from tags and addresses that people paste."""
    return not any(sign in words for sign in "=/@:;&") and (" " in words or not words.isascii())


def _tell_chat_from_people(parsed: Parsed, *, chosen: bool) -> None:
    """Let names that only stand above notices be the chat's, not a person's."""
    headers, data = parsed.headers, _data(parsed.source)
    spoken = headers.sender >= 0
    counts = np.bincount(headers.sender[spoken], minlength=len(parsed.senders))
    marked = spoken & (data[np.minimum(headers.text, headers.size - 1)] == _MARK)
    suspects = np.flatnonzero((counts <= _RARE) | (counts == np.bincount(headers.sender[marked], minlength=len(counts))))
    above_first = parsed.senders[headers.sender[0]].name if spoken[0] else None
    for code in suspects.tolist():
        rows = np.flatnonzero(headers.sender == code)
        if all(kind is MessageType.SYSTEM for kind in _kinds(parsed, rows)):
            headers.sender[rows] = -1
    people = {parsed.senders[code].name for code in np.unique(headers.sender[headers.sender >= 0]).tolist()}
    if above_first is not None and next(_kinds(parsed, np.asarray([0]))) is MessageType.SYSTEM:
        parsed.chat = parsed.chat or above_first
    # A name that somebody chose for the chat need not be the one that the phone has for the other person.
    parsed.is_group = len(people) > 2 or (
        not chosen and parsed.chat is not None and len(people) == 2 and parsed.chat not in people
    )


def _kinds(parsed: Parsed, rows: Ints) -> Iterator[MessageType]:
    for row in rows.tolist():
        text = parsed.source.text[int(parsed.headers.text[row]) : int(parsed.text_end[row])]
        yield content_of(text.decode("utf-8", "replace"), parsed.habits).type
