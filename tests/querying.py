"""Notebooks that query while messages arrive: processes with a client, and what they saw."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wakit.client import Client, connect
from wakit.emulator.phone import Phone
from wakit.paths import Workspace

#: What an analyst runs again and again: a count, a ranking, the newest rows.
QUERIES = (
    "SELECT count(*) AS n FROM messages",
    "SELECT chat_name, count(*) AS n, max(ts) AS last FROM messages GROUP BY ALL ORDER BY n DESC LIMIT 20",
    "SELECT * FROM messages ORDER BY ts DESC LIMIT 50",
)
NOTEBOOK = """
import json, sys, threading, time
from wakit.client import connect
queries, counts, seconds, errors = json.loads(sys.argv[2]), [], [], []
done = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), done.set()), daemon=True).start()
with connect(sys.argv[1]) as wa:
    wa.sql(queries[0])
    print("ready", flush=True)
    while not done.is_set():
        for query in queries:
            began = time.perf_counter()
            try:
                rows = wa.sql(query)
            except Exception as exc:
                errors.append(f"{type(exc).__name__}: {exc}")
            else:
                seconds.append(time.perf_counter() - began)
                counts += [int(rows["n"][0])] if query == queries[0] else []
print(json.dumps({"counts": counts, "seconds": seconds, "errors": errors}))
"""


@dataclass
class Notebook:
    """What one reader saw."""

    process: subprocess.Popen[str]
    counts: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def end(self) -> None:
        told: dict[str, Any] = json.loads(self.process.communicate(timeout=60)[0])
        self.counts, self.seconds, self.errors = told["counts"], told["seconds"], told["errors"]


@contextmanager
def notebooks(workspace: Workspace, number: int) -> Iterator[list[Notebook]]:
    """Let so many readers query for the length of the block; what they saw is there behind it."""
    argv = [sys.executable, "-c", NOTEBOOK, str(workspace.root), json.dumps(QUERIES)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": Path(__file__).parents[1]}
    readers = [Notebook(subprocess.Popen(argv, **pipes)) for _ in range(number)]  # type: ignore[call-overload]
    try:
        for reader in readers:
            assert reader.process.stdout is not None
            reader.process.stdout.readline()
        yield readers
        for reader in readers:
            reader.end()
    finally:
        for reader in readers:
            reader.process.kill()
            reader.process.wait()


def send_paced(customer: Phone, to: str, words: str, count: int, rate: float) -> float:
    """Send *count* numbered texts at *rate* a second, and return the rate that was kept."""
    began = time.monotonic()
    for number in range(count):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        customer.send(to, f"{words} {number}")
    return count / (time.monotonic() - began)


class Lags:
    """How long after its event at a client's stream each message is found by SQL."""

    def __init__(self, workspace: Workspace, words: str, count: int) -> None:
        self._told: dict[int, float] = {}
        self._found: dict[int, float] = {}
        self._words, self._count = words, count
        self._clients = [connect(workspace), connect(workspace)]
        self._threads = [
            threading.Thread(target=work, args=(client,), daemon=True)
            for work, client in zip((self._listen, self._look), self._clients, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> list[float]:
        """Return the seconds of each message once all are found."""
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for client in self._clients:
            client.close()
        assert self._count == len(self._found), f"{len(self._found)} of {self._count} were found"
        assert self._count == len(self._told), f"{len(self._told)} of {self._count} were told"
        return [self._found[number] - self._told[number] for number in range(self._count)]

    def _listen(self, client: Client) -> None:
        for event in client.events("0", kinds=["message"]):
            words, _, number = str(event.data["text"]).rpartition(" ")
            if words == self._words:
                self._told[int(number)] = time.monotonic()
            if len(self._told) == self._count:
                return

    def _look(self, client: Client) -> None:
        query = "SELECT split_part(text, ' ', -1)::INT AS number FROM core.message WHERE text LIKE ? || ' %' AND seq > ?"
        last = "SELECT coalesce(max(seq), 0) AS seq FROM core.message"
        seen = 0
        while len(self._found) < self._count:
            now_at = int(client.arrow(last)["seq"][0].as_py())
            numbers = client.arrow(query, [self._words, seen])["number"].to_pylist() if now_at > seen else []
            now, seen = time.monotonic(), max(seen, now_at)
            for number in numbers:
                self._found.setdefault(number, now)
            time.sleep(0.005)
