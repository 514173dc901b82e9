"""
Writing to people: plain lines, one red line for an error, a block that is redrawn in place.

Colour and redrawing only where a person looks on; a pipe gets each text once.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import TextIO

import typer

from wakit.errors import WakitError

_RED = "\x1b[31m"
_RESET = "\x1b[0m"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
#: What would move the cursor, change colours or turn the direction of what follows.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
#: A sentence ends before the next one's capital; paths and versions have no blank behind their dots.
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z¿¡])")


def colored(stream: TextIO) -> bool:
    """Whether *stream* is a terminal whose user did not refuse colour."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def say(text: str = "") -> None:
    """Write one text for people or programs to standard output, at once."""
    typer.echo(text)
    sys.stdout.flush()


def plain(text: str) -> str:
    """Return what somebody else wrote as one line that does nothing but stand there."""
    return _CONTROL.sub(" ", text)


def complain(error: WakitError) -> None:
    """Write an error to standard error: what is wrong in one red line, then the next step and what was noted of it."""
    what, *steps = _SENTENCE_END.split(error.message, maxsplit=1)
    what = f"✗ {what}"
    typer.echo(f"{_RED}{what}{_RESET}" if colored(sys.stderr) else what, err=True)
    for step in (*steps, *getattr(error, "__notes__", ())):
        typer.echo(f"  {step}", err=True)


class Block:
    """Some lines at the bottom of the terminal that are replaced by newer ones."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._drawn = 0
        self.in_place = colored(self._stream)

    def fits(self, text: str) -> bool:
        """Whether *text* can be redrawn: a line that scrolled away or wrapped cannot."""
        columns, rows = shutil.get_terminal_size()
        lines = _ANSI.sub("", text).split("\n")
        return len(lines) < rows and max(map(len, lines)) <= columns

    def draw(self, text: str) -> None:
        """Show *text* in the place of the last one; elsewhere than in a terminal, below it."""
        if self._drawn and self.in_place:
            self._stream.write(f"\x1b[{self._drawn}A\x1b[J")
        self._stream.write(f"{text}\n")
        self._stream.flush()
        self._drawn = text.count("\n") + 1 if self.fits(text) else 0

    def keep(self) -> None:
        """Leave what is drawn where it is; the next text goes below."""
        self._drawn = 0
