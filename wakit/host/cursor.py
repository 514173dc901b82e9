"""
Where a reader of the event stream stands: one journal position per account.

Journals are numbered one by one, so the place in a stream of several accounts is
a vector. Its text (``ana:17,luis:4``) is the id of each event; giving it back
goes on right behind that event. A journal entry may hold several records, so a
position inside one is written ``ana:17.2``: two records of entry 17 were read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wakit.errors import InvalidInput
from wakit.ids import account_id

#: The cursor before everything.
START = "0"
_PART = re.compile(r"(?P<account>[a-z0-9_-]+):(?P<seq>\d{1,18})(?:\.(?P<read>\d{1,9}))?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """How far one journal was read."""

    seq: int
    #: Records of entry *seq* that were read; 0 means all of them.
    read: int = 0

    def __str__(self) -> str:
        return f"{self.seq}.{self.read}" if self.read else str(self.seq)

    @property
    def complete_through(self) -> int:
        """The last entry of which nothing is left to read."""
        return self.seq - 1 if self.read else self.seq


Cursor = dict[str, Position]


def parse(text: str) -> Cursor:
    """
    Read a cursor.

    Raises:
        InvalidInput: It is none that a host gave out.
    """
    if text in {"", START}:
        return {}
    cursor: Cursor = {}
    for part in text.split(","):
        match = _PART.match(part)
        if match is None:
            msg = f"{text[:64]!r} is not a cursor. Give the id of an event, or {START} for everything."
            raise InvalidInput(msg, cursor=text[:64])
        cursor[account_id(match["account"])] = Position(int(match["seq"]), int(match["read"] or 0))
    return cursor


def write(cursor: Cursor) -> str:
    """Return the text of a cursor; the empty one is ``0``."""
    return ",".join(f"{account}:{position}" for account, position in sorted(cursor.items())) or START
