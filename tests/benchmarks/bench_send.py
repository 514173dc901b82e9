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
from contextlib import ExitStack, contextmanager
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from network.hosted import BUSINESS, CUSTOMER, hosted
from tables import table

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.ids import phone_number
from wakit.paths import Workspace

PLAIN, REST = (Path(__file__).with_name(name) for name in ("plain_sender.py", "rest_sender.py"))
#: The library's settings in a wakit worker.
TUNED = "?_foreign_keys=on&_journal_mode=WAL&_synchronous=NORMAL&_busy_timeout=5000&_x="
LIMIT = 1.35
#: Seconds between two rounds: longer than a message's way into the store, and still faster than WhatsApp lets people write.
PAUSE = 0.25


class Sender:
    """A process that sends, and says how long each text took."""

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
def sender(network: Network, *command: str, phone: Phone | None = None) -> Iterator[Sender]:
    """Start a sender, and link it to a phone where it shows a code."""
    env = {**os.environ, **network.env(), "NEONIZE_BOT_TAG": "off"}
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("QR ") and phone is not None:
                device = phone.scan_text(line[3:].strip())
            elif line.startswith("CONNECTED"):
                break
        if phone is not None:
            phone.wait_ready(device)
        yield Sender(process)
    finally:
        process.kill()
        process.wait()


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
        with hosted(Workspace(folder / "shop").create(), network) as host, ExitStack() as started:
            host.link(network.phone(BUSINESS, name="Café Andino"))
            plain, root = str(PLAIN), network.noise_root
            commands = [
                sender(network, plain, str(folder / "usual.db"), root, phone=one),
                sender(network, plain, f"{folder / 'tuned.db'}{TUNED}", root, phone=two),
                sender(network, str(REST), host.client.host_info.socket),
            ]
            senders = [started.enter_context(command) for command in commands]
            took = []
            for number in range(messages + 10):
                took.append([one.take(f"m{number}") for one in senders])
                time.sleep(PAUSE)
    columns = [list(column) for column in zip(*took[10:], strict=True)]
    library = statistics.median(columns[0])
    names = ("neonize, its own settings", "neonize, wakit's settings", "POST /api/sends, durable")
    rows = [row(name, column, library) for name, column in zip(names, columns, strict=True)]
    print(table(f"{messages} texts, one after the other (limit of the last: {LIMIT}x)", ["ms", "p50", "p95", "x"], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
