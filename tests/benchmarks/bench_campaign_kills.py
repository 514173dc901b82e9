"""
What kills do to a campaign: SIGKILL of host, worker and run, again and again, and what its recipients got.

``python tests/benchmarks/bench_campaign_kills.py [KILLS] [PEOPLE] [PAUSE] [SEED]``. A message leaves about every PAUSE
seconds, so that the kills are spread over the campaign; see ``campaign_kills`` for when they strike. What counts is what
the recipients' phones decrypted.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from campaign_kills import killed
from tables import table


def main(kills: int, people: int, pause: float, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = killed(Path(folder), people=people, kills=kills, pause=pause, seed=seed)
    struck = ", ".join(f"{count} {victim}" for victim, count in sorted(found.kills.items()))
    rows = [
        ["sent twice", len(found.twice)],
        ["lost", len(found.lost)],
        ["said to be sent, and nobody got it", len(found.mistaken)],
        ["unknown without a reason", len(found.unexplained)],
        *([f"at the end {state}", count] for state, count in sorted(Counter(send.state.value for send in found.sends).items())),
        ["unknown, and it did arrive", sum(found.got[send.to] > 0 for send in found.unknown)],
    ]
    title = f"{sum(found.kills.values())} x SIGKILL ({struck}) in a campaign to {people} people, {found.seconds:.0f} s"
    print(table(title, ["what", "messages"], rows))
    for why, count in Counter(send.error for send in found.unknown).items():
        print(f"unknown, {count}: {why}")
    if found.twice or found.lost or found.mistaken or found.unexplained:
        sys.exit(1)


if __name__ == "__main__":
    given = [*sys.argv[1:], *("100", "300", "0.5", "1")[len(sys.argv) - 1 :]]
    main(int(given[0]), int(given[1]), float(given[2]), int(given[3]))
