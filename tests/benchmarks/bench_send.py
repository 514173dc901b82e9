"""
What a durable send costs: REST call → WhatsApp has it, against the bare library's own call.

``python tests/benchmarks/bench_send.py [MESSAGES]``. Three senders take turns in the same
run, message by message, each linked to a phone of its own: neonize as its documentation shows it, neonize with
the database settings that wakit gives it, and ``POST /api/sends``, which has the row on disk
before the call and the outcome on disk before the answer.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import search_path  # noqa: F401 - makes the next ones importable
from network.hosted import BUSINESS, CUSTOMER, hosted
from tables import table

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.ids import phone_number
from wakit.paths import Workspace

PLAIN = Path(__file__).with_name("plain_sender.py")
#: The library's settings in a wakit worker.
TUNED = "?_foreign_keys=on&_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_x="
LIMIT = 1.35


class Plain:
    """neonize alone."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def take(self, text: str) -> float:
        """Send a text and return the seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{phone_number(CUSTOMER).digits} {text}\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith("TOOK "):
                return float(line[5:])
        raise RuntimeError(text)


@contextmanager
def plain(network: Network, database: str, phone: Phone) -> Iterator[Plain]:
    """Link neonize alone to a phone."""
    env = {**os.environ, **network.env(), "NEONIZE_BOT_TAG": "off"}
    command = [sys.executable, str(PLAIN), database, network.noise_root]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("QR "):
                device = phone.scan_text(line[3:].strip())
            elif line.startswith("CONNECTED"):
                break
        phone.wait_ready(device)
        yield Plain(process)
    finally:
        process.kill()
        process.wait()


def over_rest(http: httpx.Client, text: str) -> float:
    """Send a text over REST and return the seconds until the answer that WhatsApp has it."""
    begin = time.perf_counter()
    answer = http.post("/api/sends", json={"to": CUSTOMER, "text": text, "wait": 30})
    took = time.perf_counter() - begin
    assert answer.json()["state"] in {"sent", "delivered"}, answer.text
    return took


def row(name: str, seconds: list[float], bare: float) -> list[object]:
    """Return p50 and p95 in milliseconds, and p50 as a multiple of the bare library's."""
    ordered = sorted(seconds)
    middle = statistics.median(ordered)
    return [name, 1000 * middle, 1000 * ordered[int(len(ordered) * 0.95)], middle / bare]


def main(messages: int) -> None:
    with tempfile.TemporaryDirectory() as name, Network() as network:
        folder = Path(name)
        network.phone(CUSTOMER, name="Clienta")
        one, two = network.phone("+57 300 111 0001", name="Uno"), network.phone("+57 300 111 0002", name="Dos")
        shop = hosted(Workspace(folder / "shop").create(), network)
        usual = plain(network, str(folder / "usual.db"), one)
        tuned = plain(network, f"{folder / 'tuned.db'}{TUNED}", two)
        with shop as host, usual as bare, tuned as quick:
            host.link(network.phone(BUSINESS, name="Café Andino"))
            way = httpx.HTTPTransport(uds=host.client.host_info.socket)
            took: list[tuple[float, float, float]] = []
            with httpx.Client(transport=way, base_url="http://localhost", timeout=60) as http:
                for number in range(messages + 10):
                    text = f"m{number}"
                    took.append((bare.take(text), quick.take(text), over_rest(http, text)))
                    time.sleep(0.01)
    columns = [list(column) for column in zip(*took[10:], strict=True)]
    library = statistics.median(columns[0])
    names = ("neonize, its own settings", "neonize, wakit's settings", "POST /api/sends, durable")
    rows = [row(name, column, library) for name, column in zip(names, columns, strict=True)]
    print(table(f"{messages} texts, one after the other (limit of the last: {LIMIT}x)", ["ms", "p50", "p95", "x"], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
