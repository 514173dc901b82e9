"""
What a phone has seen so far, readable from any thread.

The network's loop writes, tests and notebooks read and wait; every wait has a
bound and says at its end what was seen instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Log(Generic[T]):
    """A growing list that other threads can wait on."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._items: list[T] = []
        self._changed = threading.Condition()

    def append(self, item: T) -> None:
        """Add an item and wake whoever waits."""
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def all(self) -> list[T]:
        """Return a copy of everything so far."""
        with self._changed:
            return list(self._items)

    def wait(self, match: Callable[[T], bool], timeout: float) -> T:
        """
        Return the first item that matches, present or future.

        Raises:
            TimeoutError: None came within *timeout* seconds.
        """
        deadline, position = time.monotonic() + timeout, 0
        while True:
            with self._changed:
                while position == len(self._items):
                    left = deadline - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        msg = f"No {self._name} of the {len(self._items)} seen in {timeout:g} s is the one waited for."
                        raise TimeoutError(msg)
                fresh = self._items[position:]
            # Outside the lock: the predicate is the caller's code and may take its time.
            found = next((item for item in fresh if match(item)), None)
            if found is not None:
                return found
            position += len(fresh)
