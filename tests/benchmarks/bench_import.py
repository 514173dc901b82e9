"""
How fast exported chats are read and stored, beside the parsers that people use today.

``python tests/benchmarks/bench_import.py [MESSAGES]`` (default 200000). whatstk and
chat-miner are no dependencies: where they are not installed their rows are
missing. Every figure is taken in a process of its own, all of one group, in turn,
several times; the best one counts. Memory is what the process grew by, from
behind its imports to its peak.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from exports import Line, Phone
from tables import table

MESSAGES, ROUNDS = 200_000, 3
WORDS = (
    "hola que tal cotización reunión mañana precio envío gracias claro perfecto luego te llamo el pedido número está listo "
    "para entregar hoy sí no vale ok buenas tardes señor cliente"
)
PEOPLE = ("Ana López", "Luis", "María José", "+57 300 123 4567")
#: Messages per second of wakit by those of the peer, at least.
WANTED = {("whatstk", "parse"): 10, ("chat-miner", "parse"): 20, ("whatstk", "import"): 3}
PEERS = {"whatstk": "whatstk", "chat-miner": "chatminer"}
MEMORY_LIMIT = 4


def export(count: int) -> str:
    """Return a chat of four people over some years: short texts, some of several lines, some photos."""
    luck, at, lines, words = random.Random(1), datetime(2021, 1, 1), [], WORDS.split()  # noqa: DTZ001 - a phone's clock
    for _ in range(count):
        at += timedelta(seconds=luck.expovariate(1 / 600))
        text = " ".join(luck.choices(words, k=luck.randint(1, 18)))
        if luck.random() < 0.05:
            text += f"\n{' '.join(luck.choices(words, k=6))}"
        lines.append(Line(at, luck.choice(PEOPLE), "<Multimedia omitido>" if luck.random() < 0.04 else text))
    return Phone().text(lines)


def parse_wakit(path: Path) -> int:
    """Read a file with all its batches."""
    from wakit.importers import read

    with read(path) as found:
        return sum(batch.num_rows for batch in found.batches())


def import_wakit(path: Path) -> int:
    """Import a file into a new store, until the database answers a question about it."""
    from wakit.config import Settings
    from wakit.importers.deliver import import_file
    from wakit.paths import Workspace
    from wakit.store import Store

    with tempfile.TemporaryDirectory() as folder, Store(Workspace(Path(folder) / "w").create(), Settings()) as store:
        import_file(store, path, account="default", chat="Ventas")
        with store.sql("SELECT count(*) AS n FROM messages WHERE text LIKE '%cotización%' OR TRUE") as answer:
            return int(answer.read_all()["n"][0].as_py())


def parse_whatstk(path: Path) -> int:
    """Let whatstk make its data frame."""
    from whatstk import WhatsAppChat

    return len(WhatsAppChat.from_source(str(path)).df)


def parse_chat_miner(path: Path) -> int:
    """Let chat-miner make its data frame."""
    from chatminer.chatparsers import WhatsAppParser

    parser = WhatsAppParser(str(path))
    parser.parse_file()
    return len(parser.parsed_messages.get_df())


TASKS: dict[tuple[str, str], Callable[[Path], int]] = {
    ("wakit", "parse"): parse_wakit,
    ("wakit", "import"): import_wakit,
    ("whatstk", "parse"): parse_whatstk,
    ("chat-miner", "parse"): parse_chat_miner,
}


def work(who: str, what: str, big: Path, small: Path) -> None:
    """Do one task, after a small one of the same kind, and print what it took."""
    task = TASKS[who, what]
    task(small)
    peak = Peak()
    before, cpu, wall = resident(), time.process_time(), time.perf_counter()
    with peak:
        count = task(big)
    took = {"count": count, "cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "grown": peak.most - before}
    print(json.dumps(took))


def resident() -> int:
    """Return the memory of this process that is in RAM."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


class Peak:
    """Looks at this process's memory every few milliseconds."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.02):
            self.most = max(self.most, resident())


def best_of(task: tuple[str, str], big: Path, small: Path) -> dict[str, float]:
    """Run one task in a process of its own and return what it printed."""
    command = [sys.executable, __file__, "--task", *task, str(big), str(small)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(count: int) -> int:
    """Print the table; return how many figures were missed."""
    here = {who for who, module in PEERS.items() if importlib.util.find_spec(module)} | {"wakit"}
    tasks = [task for task in TASKS if task[0] in here]
    with tempfile.TemporaryDirectory() as folder:
        big, small = Path(folder) / "big.txt", Path(folder) / "small.txt"
        big.write_text(export(count), "utf-8")
        small.write_text(export(2000), "utf-8")
        size = big.stat().st_size
        runs = {task: [] for task in tasks}
        for _ in range(ROUNDS):
            for task in tasks:
                runs[task].append(best_of(task, big, small))
    assert all(one["count"] == count for found in runs.values() for one in found), runs
    best = {task: min(found, key=lambda one: one["wall"]) for task, found in runs.items()}
    grown = {task: max(one["grown"] for one in found) for task, found in runs.items()}
    rate = {task: count / one["wall"] for task, one in best.items()}
    rows = [
        [f"{who}: {what}", int(rate[who, what]), one["wall"], one["cpu"], grown[who, what] / 1e6, grown[who, what] / size]
        for (who, what), one in best.items()
    ]
    head = ["", "messages/s", "seconds", "CPU seconds", "memory MB", "x file"]
    print(table(f"{count:,} messages, {size / 1e6:.1f} MB, best of {ROUNDS}", head, rows))
    checks = [
        [f"{what} by {peer}", rate["wakit", what] / rate[peer, "parse"], wanted]
        for (peer, what), wanted in WANTED.items()
        if peer in here
    ]
    checks.append(["memory of parse by file (at most)", -grown["wakit", "parse"] / size, -MEMORY_LIMIT])
    missed = sum(found < wanted for _, found, wanted in checks)
    shown = [[name, abs(found), abs(wanted), "yes" if found >= wanted else "NO"] for name, found, wanted in checks]
    print(table("Figures", ["", "measured", "wanted", "kept"], shown))
    return missed


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    if sys.argv[1:2] == ["--task"]:
        work(sys.argv[2], sys.argv[3], Path(sys.argv[4]), Path(sys.argv[5]))
    else:
        sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else MESSAGES))
