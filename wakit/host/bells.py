"""Waking those who wait for a change, without a queue: they look for themselves what is new."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator


class Listener:
    """One who waits. ``silence`` before looking makes sure that no change is missed."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def silence(self) -> None:
        """Forget the rings so far; what is looked at from here on includes their news."""
        self._rung.clear()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most *seconds*, and return whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                return await self._rung.wait()
        except TimeoutError:
            return False


class Bells:
    """All who wait for one kind of change."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits."""
        return not self._listeners

    def ring(self) -> None:
        """Wake them all."""
        for listener in self._listeners:
            listener.ring()

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """Be one of them for the length of the block."""
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
