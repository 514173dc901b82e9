"""
How fast a phone's history becomes rows that can be queried and searched, in how much memory, and what live events feel of it.

``python tests/benchmarks/bench_history.py [MESSAGES]`` (default: 1000000). The journal
holds what the library's callback leaves there; a host's services take it from
there, in a process of their own, while live events arrive 20 times a second.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import statistics
import sys
import tempfile
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from journaled import heard, histories, journal
from tables import table

from wakit.clock import SystemClock
from wakit.config import Settings
from wakit.host.lean import collect_rarely, keep_out
from wakit.hostfile import HostInfo
from wakit.paths import UMASK, Workspace

MESSAGES_PER_CHAT = 500
PAUSE = 0.05
_COUNT = "SELECT count(*) AS n FROM messages WHERE source = 'history'"


def written(workspace: Workspace, messages: int) -> int:
    """Journal a history; return its bytes."""
    size = 0
    with journal(workspace, "shop") as opened:
        for row in histories(messages // MESSAGES_PER_CHAT, MESSAGES_PER_CHAT):
            opened.append(*row)
            size += len(row[1])
    return size


def host(root: Path, messages: int, told: Connection) -> None:
    """Be the host: move the history, tell live events, and say how it went."""
    keep_out()
    collect_rarely()
    os.umask(UMASK)
    asyncio.run(_host(Workspace(root), messages, told))


async def _host(workspace: Workspace, messages: int, told: Connection) -> None:
    from wakit.host.services import running

    peak = Peak()
    info = HostInfo(pid=os.getpid(), started="", protocol=1, version="", socket="")
    started = time.perf_counter()
    async with running(workspace, info, Settings(), SystemClock(), lambda: None) as services:
        idle = peak.now()
        cursor = services.feeds.now(("shop",))
        late: list[float] = []
        sent: dict[str, float] = {}

        async def listen() -> None:
            async for _, event in services.feeds.follow(
                cursor, accounts=("shop",), kinds=frozenset(), pause=1, stopping=services.stopping
            ):
                if event is not None and event.data.get("message_id") in sent:
                    late.append(time.perf_counter() - sent[event.data["message_id"]])

        listener = asyncio.create_task(listen())
        number = 0
        while True:
            number += 1
            code, payload, _ = heard(number, "hola")
            sent[f"3EB0{number:06}"] = time.perf_counter()
            services._journaled("shop", services._live.get("shop").append(code, payload))
            await asyncio.sleep(PAUSE)
            if number % 20 == 0:
                stored = await asyncio.to_thread(lambda: services.store.sql(_COUNT).read_all()["n"][0].as_py())
                if stored >= messages:
                    break
        seconds = time.perf_counter() - started
        await asyncio.to_thread(services.store.catch_up)
        searchable = time.perf_counter() - started
        listener.cancel()
        services.say_goodbye()
    told.send((seconds, searchable, idle, peak.stop(), sorted(late)))


class Peak:
    """Watches the memory of this process."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._peak, self._done = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def now(self) -> float:
        return float(self._process.memory_info().rss / 1e6)

    def stop(self) -> float:
        self._done.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self._peak = max(self._peak, self.now())


def main(messages: int) -> None:
    os.umask(UMASK)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder, "w")).create()
        size = written(workspace, messages)
        ours, theirs = multiprocessing.Pipe()
        process = multiprocessing.get_context("spawn").Process(target=host, args=(workspace.root, messages, theirs))
        process.start()
        theirs.close()
        seconds, searchable, idle, peak, late = ours.recv()
        process.join()
    head = ["history", "messages/s", "searchable", "MB idle", "MB peak", "live p50 ms", "live p95 ms", "live max ms"]
    middle, high = statistics.median(late) * 1000, late[int(len(late) * 0.95)] * 1000
    row = [
        f"{messages:,} in {size / 1e6:.0f} MB",
        messages / seconds,
        messages / searchable,
        idle,
        peak,
        middle,
        high,
        late[-1] * 1000,
    ]
    print(table("From the journal to rows that can be queried and searched, live events meanwhile", head, [row]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
