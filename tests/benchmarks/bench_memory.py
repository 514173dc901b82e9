"""
What a worker needs: resident memory and time to connect, against neonize alone in the same run.

``python tests/benchmarks/bench_memory.py [MESSAGES]``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import search_path  # noqa: F401 - makes the next ones importable
from bench_linking import PLAIN
from driven_session import Driven, poll
from tables import table

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.paths import Workspace

CUSTOMER = "+57 300 987 6543"


def megabytes(pid: int | None) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def write(customer: Phone, to: str, messages: int) -> None:
    for number in range(messages):
        customer.send(to, f"mensaje {number} " + "x" * 60)


def wakit(network: Network, folder: Path, messages: int) -> list[float]:
    """Return memory when connected and after the messages, and the seconds of a restart until connected."""
    number, customer = "+57 300 123 4567", network.phone(CUSTOMER)
    with Driven(Workspace(folder / "w").create(), network=network) as session:
        session.link(network.phone(number))
        time.sleep(1)
        fresh = megabytes(session.session.pid)
        write(customer, number, messages)
        poll(lambda: len(session.texts()) == messages, 120)
        used = megabytes(session.session.pid)
        session.stop()
        started = time.monotonic()
        session.start().until("connected")
        return [fresh, used, time.monotonic() - started]


def plain(network: Network, folder: Path, messages: int) -> list[float]:
    """Return the same of neonize alone."""
    number, customer = "+57 300 123 4568", network.phone(CUSTOMER)
    command = [sys.executable, PLAIN, str(folder / "neonize.db"), network.noise_root]
    figures: list[float] = []
    for phone in (network.phone(number), None):
        started = time.monotonic()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, **network.env()}, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("QR ") and phone is not None:
                    phone.scan_text(line[3:].strip())
                elif line.startswith("CONNECTED ") and phone is None:
                    figures.append(float(line.split()[1]) - started)
                    process.kill()
                elif line.startswith("CONNECTED "):
                    time.sleep(1)
                    figures.append(megabytes(process.pid))
                    write(customer, number, messages)
                elif f" mensaje {messages - 1} " in line:
                    figures.append(megabytes(process.pid))
                    process.kill()
    return figures


def main(messages: int) -> None:
    with Network() as network, tempfile.TemporaryDirectory() as folder:
        theirs, ours = plain(network, Path(folder), messages), wakit(network, Path(folder), messages)
    names = ["MB when connected", f"MB after {messages} messages", "s from start to connected"]
    rows = [[name, their, our, f"{their / our:.1f}x"] for name, their, our in zip(names, theirs, ours, strict=True)]
    print(table("a worker", ["", "neonize alone", "wakit", "ratio"], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
