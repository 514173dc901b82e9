"""How much each caller may ask, counted by ``limits`` over a moving window, in memory."""

from __future__ import annotations

import time

import limits
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from wakit.errors import InvalidInput


class Rates:
    """The windows of all callers."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, who: str, rate: str) -> float:
        """Count one request of *who* and return 0, or return the seconds until the next one is allowed."""
        limit = limits.parse(rate)
        if self._windows.hit(limit, who):
            return 0.0
        return max(self._windows.get_window_stats(limit, who).reset_time - time.time(), 0.001)


def checked_rate(text: str) -> str:
    """
    Return *text* if it says a rate.

    Raises:
        InvalidInput: Anything but the likes of ``60/minute`` and ``200/10 seconds``.
    """
    try:
        limit = limits.parse(text)
    except ValueError as exc:
        raise _no_rate(text) from exc
    if limit.amount < 1 or limit.multiples < 1:
        raise _no_rate(text)
    return text


def _no_rate(text: str) -> InvalidInput:
    return InvalidInput(f"{text[:64]!r} is not a rate. Write the likes of 60/minute or 200/10 seconds.", rate=text[:64])
