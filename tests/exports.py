"""Chat exports as phones of many locales write them, made from messages that a test knows."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2025, 3, 28, 9, 5)  # noqa: DTZ001 - a phone's clock has no zone


@dataclass(frozen=True)
class Line:
    """One message: who wrote it when; without a sender it is WhatsApp's own."""

    at: datetime
    sender: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Phone:
    """How one phone writes the beginning of a message."""

    order: str = "dmy"
    separator: str = "/"
    long_year: bool = False
    padded: bool = False
    #: Around the stamp: ``dash``, ``brackets`` or ``colon``.
    layout: str = "dash"
    #: Between date and time.
    between: str = ", "
    colon: str = ":"
    seconds: bool = False
    #: What stands for the halves of the day, with its space; ``None`` is a clock of 24 hours.
    halves: tuple[str, str] | None = None
    half_first: bool = False
    time_first: bool = False
    #: In front of each line.
    mark: str = ""

    def stamp(self, at: datetime) -> str:
        """Return the beginning of a line, up to the sender."""
        width = 2 if self.padded else 1
        year = f"{at.year:04}" if self.long_year else f"{at.year % 100:02}"
        parts = {"d": f"{at.day:0{width}}", "m": f"{at.month:0{width}}", "y": year}
        date = self.separator.join(parts[part] for part in self.order)
        hour = at.hour if self.halves is None else at.hour % 12 or 12
        time = f"{hour:02}" if self.halves is None else str(hour)
        time += f"{self.colon}{at.minute:02}" + (f"{self.colon}{at.second:02}" if self.seconds else "")
        if self.halves is not None:
            half = self.halves[at.hour >= 12]
            time = f"{half}{time}" if self.half_first else f"{time}{half}"
        stamp = f"{time}{self.between}{date}" if self.time_first else f"{date}{self.between}{time}"
        ends = {"dash": ("", " - "), "brackets": ("[", "] "), "colon": ("", ": ")}[self.layout]
        return f"{self.mark}{ends[0]}{stamp}{ends[1]}"

    def clock(self, at: datetime) -> datetime:
        """Return what is left of an instant on this phone's clock."""
        return at if self.seconds else at.replace(second=0)

    def text(self, lines: Iterable[Line]) -> str:
        """Return the export."""
        return "".join(f"{self.stamp(one.at)}{f'{one.sender}: ' if one.sender else ''}{one.text}\n" for one in lines)


def conversation(count: int = 40, senders: Sequence[str] = ("Ana López", "+57 300 123 4567", "Zoë")) -> list[Line]:
    """Return messages of a month; some have several lines, some are WhatsApp's own."""
    lines = []
    for number in range(count):
        at = START + timedelta(hours=19 * number, minutes=7 * number, seconds=13 * number)
        sender = None if number % 13 == 5 else senders[number % len(senders)]
        text = f"mensaje {number}\ncon otra línea: sí" if number % 7 == 3 else f"mensaje {number}: ¿a las 10:30?"
        lines.append(Line(at, sender, f"aviso {number}" if sender is None else text))
    return lines


def write(folder: Path, text: str | bytes, name: str = "chat.txt") -> Path:
    """Write an export and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def pack(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    """Write a zip and return its path."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path
