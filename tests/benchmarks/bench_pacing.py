"""
Whether restarts cost or give an account messages, and what asking the gate costs.

A day is played through twice on a clock that is moved by hand, with the same random pauses: once as a whole, once with the
outbox closed and opened again five times in the middle. Limits: both days send the same number to one message; no hour
has more than the budget of an hour in either; the claim of an automated message takes 5 ms at most.

Run: ``python tests/benchmarks/bench_pacing.py [--restarts 5]``
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from wakit.clock import ManualClock
from wakit.config import Settings
from wakit.model import Purpose, SendState, Terms
from wakit.outbox import Outbox
from wakit.outbox.buckets import DAY, HOUR
from wakit.outbox.pacing import Pacing
from wakit.outgoing import Text

CLAIM_LIMIT = 5.0
MORNING = datetime(2026, 11, 24, 13, tzinfo=UTC)
QUEUED = 2000
#: Seconds between two looks where the queue names no time.
_LOOK = 900.0


@dataclass
class Day:
    """One day of an account."""

    folder: Path
    settings: Settings
    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    #: When each message left, and how long its claim took in milliseconds.
    left: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    #: The same pauses in each day, however often it is cut.
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def open(self) -> Outbox:
        """Open the outbox with its gate, as a host that starts does."""
        outbox = Outbox(self.folder / "outbox.db", self.clock)
        outbox.guard(Pacing(outbox, self.settings, self.clock, wrote=lambda *_: True, draw=self.dice.uniform))
        return outbox

    def queue(self) -> None:
        """Queue more than a day can send."""
        outbox = self.open()
        with outbox.writing():
            for no in range(QUEUED):
                outbox.add("shop", "573001234567@s.whatsapp.net", Text(text=f"{no}"), terms=Terms(purpose=Purpose.TRANSACTIONAL))
        outbox.close()

    def play(self, end: float) -> None:
        """Let one host send until *end*."""
        outbox = self.open()
        while self.clock.monotonic() < end:
            began = time.perf_counter()
            turn = outbox.claim("shop")
            took = (time.perf_counter() - began) * 1000
            if turn.task is not None:
                self.claims.append(took)
                self.left.append(self.clock.monotonic())
                outbox.settle(turn.task.send.id, SendState.SENT, turn.task.send.id)
                continue
            wait = _LOOK if turn.again_at is None else (turn.again_at - self.clock.now()).total_seconds() + 1e-3
            self.clock.advance(min(max(wait, 1e-3), _LOOK, end - self.clock.monotonic() + 1e-3))
        outbox.close()

    def most_in_an_hour(self) -> int:
        """Return how many left in the busiest hour."""
        return max(sum(start <= at < start + HOUR for at in self.left) for start in self.left)


def day(restarts: int, settings: Settings) -> Day:
    """Play a day with so many restarts in it."""
    with tempfile.TemporaryDirectory() as folder:
        found = Day(Path(folder), settings)
        found.queue()
        begin = found.clock.monotonic()
        for part in range(1, restarts + 2):
            found.play(begin + DAY * part / (restarts + 1))
        return found


def main() -> int:
    """Play both days, print what was found, and return 1 where a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1] if __doc__ else None)
    parser.add_argument("--restarts", type=int, default=5)
    restarts = parser.parse_args().restarts
    # The budget of a day would end it by noon, and nobody here says that messages were delivered.
    settings = Settings(pacing_per_day=QUEUED, stop_delivered=0.0)
    whole, cut = day(0, settings), day(restarts, settings)
    claim = statistics.median(cut.claims)
    busiest = max(one.most_in_an_hour() for one in (whole, cut))
    print(f"sent in a day: {len(whole.left)}; with {restarts} restarts: {len(cut.left)} (limit ±1)")
    print(f"busiest hour: {busiest} (limit {settings.pacing_per_hour})")
    print(f"claim of an automated message: {claim:.2f} ms p50 (limit {CLAIM_LIMIT} ms)")
    # A day in which nearly nothing left would prove nothing: between 08:00 and 21:00 that is 13 hours of at least 30.
    was_busy = len(whole.left) >= 13 * 30
    is_well = (
        was_busy and abs(len(whole.left) - len(cut.left)) <= 1 and busiest <= settings.pacing_per_hour and claim <= CLAIM_LIMIT
    )
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
