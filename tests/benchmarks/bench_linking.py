"""
How long from the scan to connected: wakit's worker against neonize with its default database settings, in one run.

``python tests/benchmarks/bench_linking.py [ROUNDS]``. The second half of the
table is a disk whose flushes take 10 ms longer, as on many consumer machines.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from driven_session import Driven
from slow_disk import shim
from tables import table

from wakit.emulator import Network
from wakit.paths import Workspace

PLAIN = str(Path(__file__).with_name("plain_neonize.py"))


def plain(network: Network, folder: Path, number: str) -> float:
    """Return the seconds from scan to connected of neonize alone."""
    phone = network.phone(number)
    env = {**os.environ, **network.env()}
    command = [sys.executable, PLAIN, str(folder / "neonize.db"), network.noise_root]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("QR "):
                scanned = time.monotonic()
                phone.scan_text(line[3:].strip())
            elif line.startswith("CONNECTED "):
                process.kill()
                return float(line.split()[1]) - scanned
    msg = "neonize did not connect"
    raise RuntimeError(msg)


def wakit(network: Network, folder: Path, number: str) -> float:
    """Return the seconds from scan to the status "connected" at the host."""
    phone = network.phone(number)
    with Driven(Workspace(folder / "workspace").create(), network=network, start_timeout=60.0) as session:
        shown = session.start().until("qr", timeout=60)
        scanned = time.monotonic()
        phone.scan_text(str(shown.qr))
        session.until("connected", timeout=60)
        return time.monotonic() - scanned


def measure(rounds: int, preload: Path | None) -> tuple[list[float], list[float]]:
    if preload is not None:
        os.environ["LD_PRELOAD"] = str(preload)  # for the clients only: this process runs already
    try:
        theirs, ours = [], []
        with Network() as network:
            for number in range(rounds):
                with tempfile.TemporaryDirectory() as folder:
                    theirs.append(plain(network, Path(folder), f"+57300700{number:04}"))
                    ours.append(wakit(network, Path(folder), f"+57300800{number:04}"))
        return theirs, ours
    finally:
        os.environ.pop("LD_PRELOAD", None)


def main(rounds: int) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for disk, preload in (("this disk", None), ("flushes +10 ms", shim(Path(folder), 10.0))):
            theirs, ours = measure(rounds, preload)
            their, our = statistics.median(theirs), statistics.median(ours)
            rows.append([disk, their, our, max(ours), f"{their / our:.1f}x"])
    print(table("scan to connected, seconds, median", ["", "neonize defaults", "wakit", "wakit worst", "ratio"], rows))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 5)
