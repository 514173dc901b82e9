"""
How long ``wakit run`` takes for the notification notebook, next to plain ``papermill`` on the same notebook; an emulated account.

Run: python tests/benchmarks/bench_run.py [rounds]; the limit is 0.75 times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import search_path  # noqa: F401 - makes the next one importable
from network.hosted import BUSINESS, hosted

from wakit.emulator import Network
from wakit.paths import Workspace
from wakit.scaffold import scaffold

LIMIT = 0.75
NOTEBOOK = "notebooks/05_notify.ipynb"
PEOPLE = [f"+57 300 {number:03} 4567" for number in range(200)]


def seconds(argv: list[str], workspace: Workspace) -> float:
    """Run a program to its end and return how long that took."""
    began = time.perf_counter()
    env = {**os.environ, "WAKIT_HOME": str(workspace.root)}
    subprocess.run([sys.executable, "-m", *argv], cwd=workspace.root, env=env, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - began


def main(rounds: int) -> int:
    """Alternate the two, write the medians and their ratio, and return 1 where the limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "shop")
        scaffold(workspace.root)
        people = workspace.root / "people.csv"
        people.write_text("\n".join(["phone,name", *(f"{phone},Ana" for phone in PEOPLE)]), "utf-8")
        with Network() as network, hosted(workspace, network) as shop:
            shop.link(network.phone(BUSINESS))
            for phone in PEOPLE:
                shop.client.opt_in(phone, "transactional", text="Sí")
            plain, ours = [], []
            for _ in range(rounds):
                out = str(workspace.data / "out.ipynb")
                plain.append(seconds(["papermill", NOTEBOOK, out, "-p", "audience", str(people)], workspace))
                ours.append(seconds(["wakit.cli", "run", NOTEBOOK, "-p", f"audience={people}"], workspace))
    ratio = statistics.median(ours) / statistics.median(plain)
    medians = f"papermill {statistics.median(plain):.2f} s, wakit run {statistics.median(ours):.2f} s"
    print(f"{medians}, {ratio:.2f} x (limit {LIMIT} x)")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
