"""
When running queries must end, watched by one thread for all of them.

A thread for each query would cost a small query a tenth of its time. An
interrupt that comes in the instant in which a query starts is lost by the
database, so it is repeated until the query is gone.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol

#: Seconds between two interrupts of one query.
_AGAIN = 0.05


class Interruptible(Protocol):
    """Something that can be told to end at any time."""

    def interrupt(self) -> None:
        """End soon; called again until ``Deadlines.forget`` is."""


class Deadlines:
    """Interrupts what runs too long; its thread ends when there is nothing left to watch."""

    def __init__(self) -> None:
        self._due: dict[Interruptible, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes = 0.0

    def watch(self, what: Interruptible, seconds: float) -> None:
        """Interrupt *what* in so many seconds."""
        with self._changed:
            at = self._due[what] = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif at < self._wakes:
                self._changed.notify()

    def hurry(self, what: Interruptible) -> None:
        """Interrupt *what* now, if it is watched."""
        with self._changed:
            if what in self._due:
                self._due[what] = 0.0
                self._changed.notify()

    def forget(self, what: Interruptible) -> None:
        """Do not watch *what* any longer."""
        with self._changed:
            self._due.pop(what, None)

    def watched(self) -> list[Interruptible]:
        """Return everything that is watched."""
        with self._changed:
            return list(self._due)

    def _run(self) -> None:
        while late := self._wait():
            for what in late:
                what.interrupt()

    def _wait(self) -> list[Interruptible]:
        """Return what is late, or nothing when there was nothing left at the time of the last deadline."""
        with self._changed:
            while self._due:
                now = time.monotonic()
                late = [what for what, at in self._due.items() if at <= now]
                if late:
                    self._due.update(dict.fromkeys(late, now + _AGAIN))
                    return late
                self._wakes = min(self._due.values())
                self._changed.wait(self._wakes - now)
            self._thread = None
            return []
