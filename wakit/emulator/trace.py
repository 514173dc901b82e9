"""
The stanzas that went over the network, newest last, for tests and for people.

Bounded: a network that runs for days keeps the last ones only.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wakit.emulator.nodes import Node

_LINES = 20_000


class Direction(StrEnum):
    """Which way a stanza went."""

    TO_CLIENT = "<<"
    FROM_CLIENT = ">>"
    #: Not a stanza: a dial, a refusal, a closed connection.
    NOTE = "--"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One stanza, or one remark of the network."""

    time: float
    direction: Direction
    #: The device's address, ``unpaired``, or the host that was dialled.
    who: str
    node: Node

    def __str__(self) -> str:
        return f"{self.time:.3f} {self.direction} {self.who} {self.node}"


class Trace:
    """A ring of the last stanzas; reading it from another thread is safe."""

    def __init__(self, lines: int = _LINES) -> None:
        self._lines: deque[Line] = deque(maxlen=lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(list(self._lines))

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, direction: Direction, who: str, node: Node) -> None:
        """Record one stanza."""
        self._lines.append(Line(time=time.time(), direction=direction, who=who, node=node))

    def note(self, who: str, tag: str, **attrs: str | int) -> None:
        """Record a remark."""
        self.add(Direction.NOTE, who, Node(tag, dict(attrs)))

    def select(
        self, tag: str | None = None, *, who: str | None = None, direction: Direction | None = None, **attrs: str
    ) -> list[Node]:
        """Return the nodes with this tag, owner, direction and attributes (``class_`` and ``from_`` for the reserved words)."""
        wanted = {name.rstrip("_"): value for name, value in attrs.items()}
        return [
            line.node
            for line in self
            if (tag is None or line.node.tag == tag)
            and (who is None or line.who == who)
            and (direction is None or line.direction is direction)
            and all(line.node.get(name) == value for name, value in wanted.items())
        ]

    def dump(self, path: Path) -> None:
        """Write it as text, one stanza a line."""
        path.write_text("".join(f"{line}\n" for line in self), "utf-8")
