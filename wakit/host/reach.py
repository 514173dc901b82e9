"""
Which strangers of an audience have no WhatsApp: asked of WhatsApp, a few at a time, and remembered for a while.

Whoever asks about thousands of numbers looks like somebody who collects them, so only so many
are asked for one plan; nobody is left out of it because nobody was asked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from itertools import islice

from wakit.clock import Clock
from wakit.directory import Number
from wakit.errors import WakitError
from wakit.ids import USER_SERVER, Phone

log = logging.getLogger(__name__)

#: Numbers in one question, and seconds that an answer may take.
_AT_ONCE, _PATIENCE = 50, 20.0
#: How long an answer counts: people get WhatsApp, and few give it up.
_KEPT = timedelta(days=1)
#: Most answers that are remembered.
_MOST = 100_000


class Reach:
    """
    Knows who cannot be reached; for threads beside the event loop.

    Args:
        ask: Asks WhatsApp about numbers in the name of an account.
        limit: Most numbers that are asked at a time; 0 for none.
        clock: Tells how old an answer is.
    """

    def __init__(
        self, ask: Callable[[str, Sequence[Phone]], Coroutine[None, None, list[Number]]], limit: int, clock: Clock
    ) -> None:
        self._ask, self._limit, self._clock = ask, limit, clock
        self._loop = asyncio.get_running_loop()
        #: Whether an address has WhatsApp, and when that was said.
        self._answers: dict[str, tuple[bool, datetime]] = {}

    def absent(self, account: str, addresses: Sequence[str]) -> set[str]:
        """Return those of *addresses* that have no WhatsApp, as far as it is known; where nobody answers, nobody is."""
        now = self._clock.now()
        old = [one for one, (_, at) in self._answers.items() if not at <= now < at + _KEPT]
        for one in [*old, *islice(self._answers, max(0, len(self._answers) - _MOST))]:
            self._answers.pop(one, None)
        unknown = [one for one in addresses if one not in self._answers and one.endswith(f"@{USER_SERVER}")]
        try:
            for begin in range(0, min(len(unknown), self._limit), _AT_ONCE):
                self._learn(account, unknown[begin : min(begin + _AT_ONCE, self._limit)], now)
        except (WakitError, TimeoutError) as exc:
            log.info("%s: whether strangers have WhatsApp is not known: %s", account, exc)
        return {one for one in addresses if one in self._answers and not self._answers[one][0]}

    def _learn(self, account: str, addresses: Sequence[str], now: datetime) -> None:
        phones = {Phone(e164=f"+{one.partition('@')[0]}"): one for one in addresses}
        asked = asyncio.run_coroutine_threadsafe(self._ask(account, [*phones]), self._loop)
        try:
            found = asked.result(_PATIENCE)
        finally:
            asked.cancel()
        for phone, number in zip(phones, found, strict=True):
            self._answers[phones[phone]] = (number.on_whatsapp, now)
