"""
What an event's way into the journal costs, and what a power cut or a kill could take at any instant.

``python tests/benchmarks/bench_journal.py [EVENTS]``. Two ways of SQLite are
measured beside a bare write and flush of the same bytes, on this disk and on
one whose every flush takes 10 ms longer (needs a C compiler):

- ``FULL``: each commit is flushed before it returns, by SQLite itself.
- ``NORMAL``: a commit is not flushed; a thread flushes the log within 50 ms. That is the journal.

Events come at 500 a second. *Unjournaled* are those that came and whose commit
has not returned, so that SIGKILL takes them: the queue that forms before the
appends, from what each of them took; one is the one that is being written. *At
risk* is for how long a committed event can be taken by a power cut. Of both
there is the worst and the 99th percentile, because the worst of a machine with
other work is that of its stalls.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from slow_disk import shim
from tables import table

from wakit.session.journal import Journal

#: Bytes of an event as neonize hands them over: a text of a line or two.
EVENT = os.urandom(400)
RATE, SLOW_MS, PROMISE_MS = 500, 10, 50


def bare(folder: Path) -> Callable[[], None]:
    """Return a function that appends an event to a plain file and flushes it."""
    fd = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append() -> None:
        os.write(fd, EVENT)
        os.fdatasync(fd)

    return append


def full(folder: Path) -> Callable[[], None]:
    """Return a function that commits an event with ``synchronous=FULL``, on the journal's table."""
    Journal(folder).close()
    db = sqlite3.connect(folder / "journal.db", isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    return lambda: db.execute("INSERT INTO event (code, at, crc, payload) VALUES (17, 0, 0, ?)", (EVENT,)).close()


def normal(folder: Path) -> Callable[[], None]:
    """Return a function that appends to the journal as it is."""
    journal = Journal(folder)
    return lambda: void(journal.append(17, EVENT))


def void(_: object) -> None:
    """Let a lambda return nothing."""


WAYS: dict[str, Callable[[Path], Callable[[], None]]] = {"bare": bare, "FULL": full, "NORMAL": normal}


def alone(append: Callable[[], None], events: int) -> list[float]:
    """Return the milliseconds of each of so many appends, one after the other."""
    times = []
    for _ in range(events):
        started = time.perf_counter()
        append()
        times.append((time.perf_counter() - started) * 1000)
    return times


def arriving(append: Callable[[], None], events: int) -> list[int]:
    """Let events come at ``RATE``; return how many were unjournaled when each was committed, itself included."""
    first, free, counts = time.perf_counter(), 0.0, []
    for number in range(events):
        came = number / RATE
        time.sleep(max(0.0, first + came - time.perf_counter()))
        started = time.perf_counter()
        append()
        # What the process slept too long is not the journal's: its time counts from when the one before was done.
        free = max(free, came) + time.perf_counter() - started
        counts.append(min(events - number, 1 + int((free - came) * RATE)))
    return counts


class Risk:
    """Watches flushes, and for how long each committed event waited for one that began behind its commit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: float | None = None
        #: Milliseconds that the first commit behind a flush waited for the next one.
        self.waits: list[float] = []
        self._real = os.fdatasync
        os.fdatasync = self._flush  # type: ignore[assignment]

    def committed(self) -> None:
        with self._lock:
            self._waiting = self._waiting or time.perf_counter()

    def _flush(self, fd: int) -> None:
        with self._lock:
            since, self._waiting = self._waiting, None
        self._real(fd)
        if since is not None:
            self.waits.append((time.perf_counter() - since) * 1000)


def measure(way: str, folder: Path, events: int) -> dict[str, float]:
    """Measure one way, in this process."""
    append = WAYS[way](folder)
    alone(append, 50)
    times = alone(append, events)
    risk = Risk()

    def watched() -> None:
        append()
        risk.committed()

    # What is flushed before an append returns is never at risk.
    unjournaled = arriving(watched if way == "NORMAL" else append, events)
    time.sleep(0.2)
    return {
        "p50": at(times, 50),
        "p99": at(times, 99),
        "unjournaled": at(unjournaled, 99),
        "most unjournaled": at(unjournaled, 100),
        "at risk": at(risk.waits, 99),
        "longest at risk": at(risk.waits, 100),
    }


def at(values: Sequence[float], percent: int) -> float:
    """Return a percentile, 0 of nothing."""
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)] if values else 0.0


def in_process(way: str, events: int, library: Path | None) -> dict[str, float]:
    """Measure one way in a process of its own, whose flushes are those of the disk that *library* makes of this one."""
    folder = Path(tempfile.mkdtemp(prefix="journal-", dir=Path.cwd()))
    folder.chmod(0o700)
    command = [sys.executable, __file__, "--measure", way, str(folder), str(events)]
    env = {**os.environ, "LD_PRELOAD": str(library)} if library else None
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    finally:
        shutil.rmtree(folder)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(events: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        rows, missed = [], []
        for disk, library, count in (("this disk", None, events), (f"{SLOW_MS} ms", shim(Path(made), SLOW_MS), events // 4)):
            results = {way: in_process(way, count, library) for way in WAYS}
            for way, found in results.items():
                ratio = found["p50"] / results["bare"]["p50"]
                times = [f"{found['p50']:.3f}", f"{found['p99']:.3f}", f"{ratio:.2f}"]
                lost = [f"{found[name]:.0f}" for name in ("unjournaled", "most unjournaled", "at risk", "longest at risk")]
                rows.append([f"{way}, {disk}", *times, *lost])
            ours = results["NORMAL"]
            missed += [f"append {disk}"] if ours["p50"] > 1.5 * results["bare"]["p50"] else []
            missed += [f"unjournaled {disk}"] if ours["unjournaled"] > 1 else []
            missed += [f"at risk {disk}"] if ours["at risk"] > PROMISE_MS else []
    head = ["way", "p50 ms", "p99 ms", "x bare", "unjournaled p99", "worst", "at risk ms p99", "worst"]
    print(table(f"{len(EVENT)} bytes an event, {RATE} events/s", head, rows))
    print(f"\n{'missed: ' + ', '.join(missed) if missed else 'every figure is kept'}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))))
    else:
        main(int((*sys.argv[1:], "2000")[0]))
