"""
What a killed worker costs: SIGKILL under load, again and again.

``python tests/benchmarks/bench_kills.py [KILLS] [MESSAGES]``. In each round a
customer writes as fast as the network carries it, and somewhere among the messages the
worker is killed. The library acknowledges a message before its callback, so
what sat between the two is lost; everything else must be there, once: in the
journal, and in a store that is filled from it twice.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from driven_session import Driven, poll
from replayed import replayed
from tables import table

from wakit.emulator import Network
from wakit.paths import Workspace

BUSINESS, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"


def main(kills: int, messages: int) -> None:
    rows, luck = [], random.Random(1)
    with Network() as network, tempfile.TemporaryDirectory() as folder:
        customer = network.phone(CUSTOMER)
        with Driven(Workspace(Path(folder, "w")).create(), network=network) as session:
            session.link(network.phone(BUSINESS))
            for number in range(kills):
                session.forget()
                at, texts = luck.randrange(messages // 10, messages * 9 // 10), [f"{number}-{n}" for n in range(messages)]
                started = time.monotonic()
                for n, text in enumerate(texts):
                    customer.send(BUSINESS, text)
                    if n == at:
                        os.kill(int(str(session.session.pid)), signal.SIGKILL)
                rate = messages / (time.monotonic() - started)
                session.until("reconnecting")
                back = session.until("connected")
                poll(lambda last=texts[-1]: last in session.texts())  # type: ignore[misc]
                told = Counter(session.texts())
                lost, twice = len(set(texts) - set(told)), sum(count > 1 for count in told.values())
                gap = session.gaps()[-1]
                seconds = (back.since - gap.since).total_seconds()
                rows.append([number + 1, f"{rate:.0f}", lost, twice, len(session.gaps()), f"{seconds:.2f}"])
            found = replayed(session)
    print(table(f"{kills} x SIGKILL among {messages} messages", ["kill", "msg/s", "lost", "twice", "gaps", "gap s"], rows))
    lost = [int(str(row[2])) for row in rows]
    print(f"\nworst {max(lost)} lost, {sum(lost)} of {kills * messages} in all; twice: {sum(int(str(row[3])) for row in rows)}")
    print(f"journaled {len(found.journaled)}, in the store {len(found.stored)}, the same: {found.journaled == found.stored}")
    print(f"gaps journaled {len(found.gaps_journaled)}, in the store {len(found.gaps_stored)}")


if __name__ == "__main__":
    main(*(int(word) for word in (*sys.argv[1:], *("20", "200")[len(sys.argv) - 1 :])))
