"""
What a campaign costs before its first message leaves: planning an audience, and queueing it durably.

Limits: 100,000 rows planned, kept and made a table in 5 s; 20,000 rows queued a second.

Run: ``python tests/benchmarks/bench_campaign.py [--rows 100000] [--rounds 3]``
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from wakit.clock import SystemClock
from wakit.model import Purpose
from wakit.outbox import Outbox
from wakit.outbox.campaigns import Campaigns, Draft
from wakit.outbox.planning import Audience, Facts, Rules, plan
from wakit.outbox.templates import Template

PLAN_LIMIT, QUEUE_LIMIT = 5.0, 20_000
WORDS = "Hola {{ nombre }}, el café {{ origen }} está a {{ precio }} pesos. Responda BAJA para no recibir más."


def audience(rows: int) -> Audience:
    """Return people with numbers as spreadsheets have them: with blanks, and every hundredth twice."""
    origins = ("Huila", "Nariño", "Tolima", "Cauca")
    made = [
        (f"+57 31{n % 10} {n // 10_000:03d} {n % 10_000:04d}", f"Ana {n}", origins[n % 4], 18_000 + n % 50) for n in range(rows)
    ]
    made[::100] = made[1::100]
    return Audience(columns=("telefono", "nombre", "origen", "precio"), rows=made)


def one_round(people: Audience, folder: Path) -> tuple[float, float]:
    """Return the seconds for the plan and its draft, and for queueing it."""
    outbox = Outbox(folder / "outbox.db", SystemClock())
    campaigns = Campaigns(outbox, SystemClock())
    try:
        began = time.perf_counter()
        template = Template(WORDS)
        lines = plan(people, template, Rules(campaign="cafe", country="CO"), Facts())
        draft = campaigns.draft(Draft(name="cafe", account="default", purpose=Purpose.MARKETING, template=template), lines)
        planned = time.perf_counter() - began
        campaigns.start(draft.id, confirm=draft.recipients, digest=draft.digest)
        began = time.perf_counter()
        queued = 0
        while sends := campaigns.enqueue(draft.id):
            queued += len(sends)
        assert queued == draft.recipients
        return planned, queued / (time.perf_counter() - began)
    finally:
        outbox.close()


def main() -> int:
    """Print the figures, and return 1 where one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    people = audience(asked.rows)
    found = []
    for _ in range(asked.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(one_round(people, Path(folder)))
    planned, rate = (statistics.median(values) for values in zip(*found, strict=True))
    print(f"plan of {asked.rows:,} rows: {planned:.2f} s (limit {PLAN_LIMIT * asked.rows / 100_000:g} s)")
    print(f"queued: {rate:,.0f} rows/s (limit {QUEUE_LIMIT:,})")
    return int(planned > PLAN_LIMIT * asked.rows / 100_000 or rate < QUEUE_LIMIT)


if __name__ == "__main__":
    sys.exit(main())
