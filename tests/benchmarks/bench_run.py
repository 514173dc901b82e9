"""
How long ``wakit run`` takes for a notebook that asks the host, next to plain ``papermill`` on the same notebook.

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

import nbformat

from wakit import autostart
from wakit.paths import Workspace

LIMIT = 0.75
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def notebook(path: Path) -> Path:
    """Write a notebook that asks the host and answers with a table, as a notification's plan does."""
    cells = [
        nbformat.v4.new_code_cell('account = "default"', metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("import wakit\nwa = wakit.connect()\nwa.sql('SELECT 1 AS one')"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": _KERNEL}), path)
    return path


def seconds(argv: list[str], workspace: Workspace) -> float:
    """Run a program to its end and return how long that took."""
    began = time.perf_counter()
    env = {**os.environ, "WAKIT_HOME": str(workspace.root)}
    subprocess.run([sys.executable, "-m", *argv], cwd=workspace.root, env=env, check=True, capture_output=True, timeout=60)
    return time.perf_counter() - began


def main(rounds: int) -> int:
    """Alternate the two, write the medians and their ratio, and return 1 where the limit is missed."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "shop").create()
        given = str(notebook(workspace.root / "report.ipynb"))
        autostart.ensure(workspace)
        try:
            plain, ours = [], []
            for _ in range(rounds):
                out = str(workspace.data / "out.ipynb")
                plain.append(seconds(["papermill", given, out, "-p", "account", "default"], workspace))
                ours.append(seconds(["wakit.cli", "run", given, "-p", "account=default"], workspace))
        finally:
            autostart.stop(workspace)
    ratio = statistics.median(ours) / statistics.median(plain)
    medians = f"papermill {statistics.median(plain):.2f} s, wakit run {statistics.median(ours):.2f} s"
    print(f"{medians}, {ratio:.2f} x (limit {LIMIT} x)")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
