"""
What the beginning of a message looks like in one file.

A phone writes all messages of an export in one layout, which is its locale's and
may change with any version of its system. So no list of known layouts is kept:
date and time are found in sample lines from the whole file, what lies around and
between them is taken as it is, and the layout that most lines have is the
file's. Lines in another one are text that somebody pasted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from mmap import mmap

from wakit.importers.meridiem import is_marker

#: Direction marks and joiners, which phones put anywhere in a line.
MARKS = "\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
#: Everything that may stand for a space.
SPACES = " \u00a0\u202f\u2009\t"

#: Windows of this size, spread over the file, are enough to see its layout.
_WINDOW = 8 * 2**10
_WINDOWS = 8

_DATE = r"(?P<a>[A-Z]?\d{1,4})(?P<d1> ?[./年–-] ?)(?P<b>\d{1,2})(?P<d2> ?[./月–-] ?)(?P<c>[A-Z]?\d{1,4})"
_TIME = r"(?P<h>\d{1,2})(?P<t1>[:.]| ?h ?)(?P<m>\d{2})(?:(?P<t2>[:.])(?P<s>\d{2}))?"
_CLOSE = r"(?P<close>\]| [-–—](?= )|:(?= ))"
_WORDS = r"[^\d\[\]<>]{1,24}?"
_TAIL = r"(?P<tail>[^\d\[\]:<>]{0,24}?)"
_DATE_FIRST = re.compile(rf"(?P<open>\[?) ?{_DATE}(?P<between>{_WORDS}){_TIME}{_TAIL} ?{_CLOSE}")
_TIME_FIRST = re.compile(rf"(?P<open>\[?) ?{_TIME}{_TAIL}(?P<between>,? ){_DATE}(?P<after>) ?{_CLOSE}")

_SILENT = re.compile(f"[{MARKS}]")
_GAP = re.compile(f"[{SPACES}]+")
_LONGEST = 96
#: A layout that fewer lines have than this is text that somebody pasted.
_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Layout:
    """How a header line is written; spaces stand for any kind of space."""

    brackets: bool
    time_first: bool
    #: Between the parts of the date.
    separators: tuple[str, str]
    #: Whether the first and the last part of the date have four digits.
    long: tuple[bool, bool]
    #: Between date and time, around a marker if there is one.
    between: tuple[str, ...]
    #: Between hours, minutes and, if there are any, seconds.
    colons: tuple[str, ...]
    #: Whether a marker follows the time.
    marked: bool
    close: str
    #: Whether digits are those of this line; other scripts have their own.
    ascii: bool = True

    @property
    def has_seconds(self) -> bool:
        return len(self.colons) == 2

    @property
    def date_layout(self) -> Layout:
        """What is left without the clock."""
        return replace(self, between=("".join(self.between),), colons=(), marked=False)

    def __str__(self) -> str:
        one, three = ("yyyy" if self.long[0] else "9"), ("yyyy" if self.long[1] else "9")
        date = f"{one}{self.separators[0]}9{self.separators[1]}{three}"
        time = "hh" + "".join(f"{colon}{part}" for colon, part in zip(self.colons, ("mm", "ss"), strict=False))
        time += " am" if self.marked else ""
        between = "am".join(self.between)
        stamp = f"{time}{between}{date}" if self.time_first else f"{date}{between}{time}"
        return f"{'[' if self.brackets else ''}{stamp}{self.close} "

    def pattern(self) -> str:
        """
        Return the header as an RE2 expression.

        Its groups are the header, the date, the clock with a marker before it,
        and where there are any, seconds with a marker behind. RE2 goes through a
        line once if no group can end in two places and there are at most four;
        otherwise it takes five times as long. So markers swallow the spaces around.
        """
        digits = "[0-9]" if self.ascii else r"\p{Nd}"
        first = rf"{digits}{{4}}" if self.long[0] else rf"[A-Z]?{digits}{{1,2}}"
        last = rf"{digits}{{4}}" if self.long[1] else rf"[A-Z]?{digits}{{1,2}}"
        date = rf"(?P<date>{first}{_re2(self.separators[0])}{digits}{{1,2}}{_re2(self.separators[1])}{last})"
        close = "]" if self.brackets else self.close.lstrip() if self.marked and not self.time_first else self.close
        seconds = rf"{_re2(self.colons[1])}(?P<rest>{digits}{{2}}" if self.has_seconds else "(?P<rest>"
        rest = f"{seconds}{_MARKER if self.marked else ''})" if self.has_seconds or self.marked else ""
        clock = rf"{digits}{{1,2}}{_re2(self.colons[0])}{digits}{{2}}"
        before, *behind = self.between
        if behind:
            between, clock = _re2(before.rstrip()), f"{_MARKER}{clock}"
        else:
            between = _re2(before)
        time = f"(?P<clock>{clock}){rest}"
        stamp = f"{time}{between}{date}" if self.time_first else f"{date}{between}{time}"
        start = rf"{_QUIET}\[{_QUIET}" if self.brackets else _QUIET
        end = re.escape(close) if self.marked else _re2(close).removesuffix(f"[{MARKS}]*")
        return rf"^(?P<header>{start}{stamp}{end}{_QUIET if self.brackets else f'[{SPACES}]'})"


_QUIET = f"[{MARKS}{SPACES}]*"
_MARKER = r"[^\p{Nd}\[\]:<>\n–—-]+"


def _re2(text: str) -> str:
    """Return a literal as RE2, with marks wherever they like and any space for a space."""
    parts = (rf"[{SPACES}]+" if char == " " else re.escape(char) for char in text)
    return f"[{MARKS}]*" + f"[{MARKS}]*".join(parts) + f"[{MARKS}]*"


def common_layouts(text: bytes | mmap) -> list[Layout]:
    """
    Return the layout that most header lines of a file have; empty if it has no header line.

    Behind it come those that differ in the clock only: a phone that was switched
    between twelve and twenty-four hours writes both.
    """
    for windows in (_spread(len(text)), _all(len(text))):
        found = Counter(layout for line in _lines(text, windows) if (layout := layout_of(line)) is not None)
        if found:
            (best, most), *others = found.most_common()
            alike = (one for one, count in others if one.date_layout == best.date_layout and count >= most * _SHARE)
            return [best, *alike]
    return []


def layout_of(line: str) -> Layout | None:
    """Return the layout of one line if it begins like a message."""
    plain = line[:_LONGEST]
    plain = plain if plain.isascii() else _GAP.sub(" ", _SILENT.sub("", plain)).lstrip(" ")
    found = _DATE_FIRST.match(plain) or _TIME_FIRST.match(plain)
    if found is None or bool(found["open"]) != (found["close"] == "]"):
        return None
    tail = found["tail"]
    if tail.strip() and not is_marker(tail):
        return None
    return Layout(
        brackets=bool(found["open"]),
        time_first=found.re is _TIME_FIRST,
        separators=(found["d1"], found["d2"]),
        long=(len(found["a"]) == 4, len(found["c"]) == 4),
        between=_around_marker(found["between"]),
        colons=tuple(colon for colon in (found["t1"], found["t2"]) if colon),
        marked=bool(tail.strip()),
        close=found["close"],
        ascii=found["h"].isascii(),
    )


def _around_marker(between: str) -> tuple[str, ...]:
    """Cut what is between date and time at the marker, if one ends it: ``, 下午`` gives two parts."""
    if not any(char.isalpha() for char in between):
        return (between,)
    for start in (match.end() for match in re.finditer(r"^|[ ,،、]", between)):
        marker = between[start:].rstrip()
        if marker and is_marker(marker):
            return between[:start], between[start + len(marker) :]
    return (between,)


def _spread(size: int) -> Iterator[tuple[int, int]]:
    if size <= _WINDOW * _WINDOWS:
        return iter([(0, size)])
    step = (size - _WINDOW) // (_WINDOWS - 1)
    return ((number * step, number * step + _WINDOW) for number in range(_WINDOWS))


def _all(size: int) -> Iterator[tuple[int, int]]:
    return ((start, start + _WINDOW + _LONGEST) for start in range(0, size, _WINDOW))


def _lines(text: bytes | mmap, windows: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Yield the beginnings of lines that could be headers."""
    for start, end in windows:
        lines = text[start:end].decode("utf-8", "ignore").split("\n")
        for line in lines if start == 0 else lines[1:]:
            bare = line[:8].lstrip(_STRIPPED)
            if bare[:1] == "[" or bare[:1].isdigit():
                yield line


_STRIPPED = SPACES + "".join(re.findall(r"[^-]", MARKS)) + "".join(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
