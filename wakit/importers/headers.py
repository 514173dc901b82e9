"""
Where each message of a file begins, when it was written, and where its text begins.

One pass over the file in blocks of a few megabytes: line starts are found by
numpy, the few that can be headers are matched by RE2, and what they say (a date,
a time, a marker) is read once for each distinct spelling. Nothing here is done
message by message in Python; that is what makes it twenty times as fast as
parsers that do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from mmap import MADV_DONTNEED, PAGESIZE, mmap

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wakit.importers.arrays import Bools, Bytes, Codes, Ints, Words, numbers, pieces
from wakit.importers.encodings import LINE_LIMIT
from wakit.importers.layout import Layout
from wakit.importers.meridiem import hour_of, plain
from wakit.importers.refusals import refused

BLOCK = 2 * 2**20
#: Longest header: marks around a date, a time and a marker of several words.
_LONGEST = 128
#: What a header line can begin with: a digit, a bracket, a space, or the first byte of a mark, a wide space or a foreign digit.
_FIRST = np.zeros(256, np.bool_)
_FIRST[[*b"0123456789[ \t", *range(0xC2, 0xF5)]] = True
_NEWLINE, _RETURN, _COLON, _SPACE = b"\n\r: "
#: No address book has longer names; a colon behind that many bytes belongs to a sentence.
_LONGEST_NAME = 160
#: A time that does not exist.
NEVER = -1
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Headers:
    """The header lines of a file, one array each; all have the same length."""

    #: Where the line begins.
    start: Ints
    #: Where the header ends.
    body: Ints
    #: Where the text begins, behind the sender.
    text: Ints
    #: Where the line ends, without its line break.
    end: Ints
    #: Number of the line, from 1.
    line: Ints
    #: Which of ``dates``.
    date: Codes
    #: Second of the day, on the clock of the phone.
    second: Codes
    #: Which of ``senders``; -1 is a line of WhatsApp's own.
    sender: Codes
    dates: list[str]
    senders: list[str]
    #: Where the file ends.
    size: int
    lines: int

    def __len__(self) -> int:
        return len(self.start)

    def keep(self, wanted: Bools) -> None:
        """Drop the headers that are none; their lines become text of the message before."""
        for name in ("start", "body", "text", "end", "line", "date", "second", "sender"):
            setattr(self, name, getattr(self, name)[wanted])


def find_headers(name: str, text: mmap, layouts: Sequence[Layout]) -> Headers:
    """
    Return the header lines of a file that are written in one of *layouts*.

    Raises:
        InvalidInput: A line is too long.
    """
    dates, senders = Words(), Words()
    patterns = [layout.pattern() for layout in layouts]
    parts: list[tuple[Ints | Codes, ...]] = []
    line = 1
    for offset, block in _blocks(name, text):
        lines, part = _headers_of(block, patterns, (dates, senders), (offset, line))
        parts.append(part)
        line += lines
        release(text, offset, len(block))
    columns = list(zip(*parts, strict=True))
    del parts
    # One after the other, so that no two columns are there twice.
    start, body, behind, end, number, date, second, sender = (np.concatenate(columns.pop(0)) for _ in range(len(columns)))
    return Headers(
        start=start,
        body=body,
        text=behind,
        end=end,
        line=number,
        date=date.astype(np.int32),
        second=second.astype(np.int32),
        sender=sender.astype(np.int32),
        dates=dates.words,
        senders=senders.words,
        size=len(text),
        lines=line - 1,
    )


def release(text: mmap, start: int, size: int) -> None:
    """Let the system take pages of a file out of this process's memory; they come back when they are looked at."""
    first = -(-start // PAGESIZE) * PAGESIZE
    length = (start + size) // PAGESIZE * PAGESIZE - first
    if length > 0:
        text.madvise(MADV_DONTNEED, first, length)


def _blocks(name: str, text: mmap) -> Iterator[tuple[int, bytes]]:
    """Yield pieces of whole lines, and where they begin."""
    start, size = 0, len(text)
    while start < size:
        end = text.rfind(b"\n", start, start + BLOCK) + 1 or text.find(b"\n", start, start + LINE_LIMIT + 1) + 1
        if not end and size - start > LINE_LIMIT:
            raise refused(name, f"has a line of more than {LINE_LIMIT:,} bytes, which no chat has")
        end = end if end and size - start > BLOCK else size
        yield start, text[start:end]
        start = end


def _headers_of(
    block: bytes, patterns: Sequence[str], words: tuple[Words, Words], at: tuple[int, int]
) -> tuple[int, tuple[Ints | Codes, ...]]:
    """Return how many lines a block has, and the columns of its headers."""
    dates, senders = words
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    lines = np.flatnonzero((ends > starts) & _FIRST[data[np.minimum(starts, len(data) - 1)]])
    begins = pieces(block, starts[lines], np.minimum(ends[lines], starts[lines] + _LONGEST))
    length, date, second = _stamps(begins, patterns, dates)
    found = np.flatnonzero(second != NEVER)
    lines, length, date, second = lines[found], length[found], date[found], second[found]
    start, end = starts[lines], ends[lines]
    end = end - ((end > start) & (data[end - 1] == _RETURN))
    body = start + length
    name_end, text = _sender_ends(data, body, end)
    named = name_end > body
    sender = np.full(len(body), -1, np.int32)
    sender[named] = senders.codes(pieces(block, body[named], name_end[named]))
    offset, line = at
    places = (start + offset, body + offset, text + offset, end + offset, lines + line)
    return len(ends), (*places, date, second, sender)


def _stamps(begins: pa.Array, patterns: Sequence[str], dates: Words) -> tuple[Ints, Codes, Codes]:
    """Return length, date and second of the day of each header; the second is ``NEVER`` where there is none."""
    length, date = np.zeros(len(begins), np.int64), np.zeros(len(begins), np.int32)
    second = np.full(len(begins), NEVER, np.int32)
    for number, pattern in enumerate(patterns):
        left = np.flatnonzero(second == NEVER) if number else np.arange(len(begins))
        found = pc.extract_regex(begins.take(numbers(left, pa.int64())) if number else begins, pattern=pattern)
        matched = found.is_valid()
        rows = left[matched.to_numpy(zero_copy_only=False)]
        fields = {one.name: column for one, column in zip(found.type, found.filter(matched).flatten(), strict=True)}
        length[rows] = pc.binary_length(fields["header"]).to_numpy()
        date[rows], second[rows] = dates.codes(fields["date"]), _seconds(fields)
    return length, date, second


def _seconds(fields: dict[str, pa.Array]) -> Codes:
    """Return the second of the day of each header, ``NEVER`` for times that do not exist."""
    clock = fields["clock"].dictionary_encode()
    if not len(clock):
        return np.empty(0, np.int32)
    clocks = [_clock(text) for text in clock.dictionary.to_pylist()]
    if "rest" not in fields:
        minute: Codes = np.asarray([_minutes(*one, "") for one in clocks], np.int32)[clock.indices.to_numpy()]
        return minute
    rest = fields["rest"].dictionary_encode()
    rests = [_rest(text) for text in rest.dictionary.to_pylist()]
    markers = list(dict.fromkeys(marker for _, marker in rests))
    # One cell for each clock and marker: a day has few clocks, and there are two markers.
    table = np.asarray([[_minutes(*one, marker) for marker in markers] for one in clocks], np.int32).reshape(-1, len(markers))
    marker = np.asarray([markers.index(marker) for _, marker in rests], np.int32)[rest.indices.to_numpy()]
    second = np.asarray([second for second, _ in rests], np.int32)[rest.indices.to_numpy()]
    minute = table[clock.indices.to_numpy(), marker]
    return np.where((minute == NEVER) | (second > 59), NEVER, minute + second).astype(np.int32)


@lru_cache(maxsize=4096)
def _clock(text: str) -> tuple[int, int, str]:
    marker = text[: next(at for at, char in enumerate(text) if char.isdigit())]
    hour, minute = (int(part) for part in _NUMBER.findall(text))
    return hour, minute, plain(marker)


def _rest(text: str) -> tuple[int, str]:
    second = _NUMBER.match(text)
    return (int(second[0]), plain(text[second.end() :])) if second else (0, plain(text))


def _minutes(hour: int, minute: int, before: str, behind: str) -> int:
    """Return the second of the day at which a minute begins, by its clock and by the marker on either side of it."""
    marker = before or behind
    meant = hour_of(hour, marker) if marker else hour
    return NEVER if meant is None or meant > 23 or minute > 59 else meant * 3600 + minute * 60


def _sender_ends(data: Bytes, body: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return where each sender ends and where the text behind begins; both at the body where there is no sender."""
    colons = np.flatnonzero(data == _COLON)
    after = data[np.minimum(colons + 1, len(data) - 1)]
    colons = colons[(after == _SPACE) | (after == _NEWLINE) | (after == _RETURN) | (colons + 1 == len(data))]
    if not len(colons):
        return body, body
    first = colons[np.minimum(np.searchsorted(colons, body), len(colons) - 1)]
    named = (first > body) & (first < end) & (first - body <= _LONGEST_NAME)
    return np.where(named, first, body), np.where(named, np.minimum(first + 2, end), body)
