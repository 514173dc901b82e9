"""
The accounts whose journals have something new, for who reads behind them: one after the other, soon, and in batches.

What comes while a round goes on waits for the next one, and what comes in between is read together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from wakit.clock import Clock

#: Seconds before an account whose journal could not be dealt with (full disk, damage) is tried again.
RETRY = 5.0


class Rounds:
    """
    Who is to be looked at.

    Args:
        clock: Lets time go by.
        pause: Seconds between the first news and the round.
    """

    def __init__(self, clock: Clock, pause: float) -> None:
        self._clock = clock
        self._pause = pause
        self._waiting: set[str] = set()
        self._bell = asyncio.Event()
        self.closing = False

    def moved(self, account: str) -> None:
        """Note that the journal of *account* has something new."""
        self._waiting.add(account)
        self._bell.set()

    async def run(self, deal: Callable[[str], Awaitable[bool]]) -> None:
        """Have every account with news dealt with, until closed; one with which that did not go well is tried again."""
        while not self.closing:
            await self._bell.wait()
            await self._clock.sleep(self._pause)
            self._bell.clear()
            await self.round(deal)

    async def round(self, deal: Callable[[str], Awaitable[bool]]) -> None:
        """Have those dealt with who have news by now."""
        accounts, self._waiting = self._waiting, set()
        for account in sorted(accounts):
            if not await deal(account):
                asyncio.get_running_loop().call_later(RETRY, self.moved, account)

    def close(self) -> None:
        """End after the round that goes on, or after a last one."""
        self.closing = True
        self._bell.set()
