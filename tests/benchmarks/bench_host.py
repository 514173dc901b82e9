"""
What the host costs: to reach it, to ask it, to hear from it, to keep it.

``python tests/benchmarks/bench_host.py [MESSAGES]``. The latency of an event is
compared with the callback of neonize alone: both are linked to the same
phone, so each message of the customer reaches both in the same run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import search_path  # noqa: F401 - makes the next ones importable
from hosts import ending, until
from network.hosted import BUSINESS, CUSTOMER, Hosted, hosted
from tables import table

from wakit.client import Client, connect
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.hostfile import life_holder
from wakit.paths import Workspace
from wakit.store.indexing import IDLE

PLAIN = Path(__file__).with_name("plain_neonize.py")
ROUNDS = 200
STARTERS = 12
#: Seconds until the search index has given its writer back.
REST = IDLE + 1.0


def quantiles(seconds: list[float]) -> list[float]:
    """Return p50, p95 and the worst in milliseconds."""
    ordered = sorted(seconds)
    return [1000 * statistics.median(ordered), 1000 * ordered[int(len(ordered) * 0.95)], 1000 * ordered[-1]]


def attach(workspace: Workspace) -> list[float]:
    """Return how long ``connect`` takes where a host runs."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        client = connect(workspace)
        times.append(time.perf_counter() - begin)
        client.close()
    return times


def ask(client: Client) -> list[float]:
    """Return how long ``status`` takes, one after the other on one connection."""
    times = []
    for _ in range(5 * ROUNDS):
        begin = time.perf_counter()
        client.sessions()
        times.append(time.perf_counter() - begin)
    return times


def race(folder: Path) -> tuple[float, int]:
    """Let processes that are ready to go need a host at once; return seconds until all have it, and how many hosts there are."""
    code = (
        "import sys, wakit.client as c, wakit.autostart; print('ready', flush=True); sys.stdin.readline(); "
        "print(c.connect(sys.argv[1]).host_info.pid, flush=True)"
    )
    with ending(Workspace(folder / "race").create()) as workspace:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        argv = [sys.executable, "-c", code, str(workspace.root)]
        starters = [
            subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            for _ in range(STARTERS)
        ]
        for starter in starters:
            assert starter.stdout is not None
            starter.stdout.readline()
        begin = time.perf_counter()
        for starter in starters:
            assert starter.stdin is not None
            starter.stdin.write("go\n")
            starter.stdin.flush()
        pids = {starter.communicate(timeout=120)[0].strip() for starter in starters}
        took = time.perf_counter() - begin
        assert pids == {str(life_holder(workspace)["pid"])}
        return took, len(pids)


class Arrivals:
    """When each text arrived, by the machine's clock."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}

    def listen(self, client: Client) -> None:
        """Keep what a client's stream tells."""
        for event in client.events("0", kinds=["message"]):
            self.at.setdefault(str(event.data["text"]), time.monotonic())

    def read(self, process: subprocess.Popen[str]) -> None:
        """Keep what neonize's own callback printed."""
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("MESSAGE "):
                _, at, text = line.rstrip("\n").split(" ", 2)
                self.at[text] = float(at)


@contextmanager
def plain(network: Network, folder: Path, phone: Phone) -> Iterator[Arrivals]:
    """Link neonize alone to the phone as well."""
    env = {**os.environ, **network.env(), "NEONIZE_BOT_TAG": "off"}
    command = [sys.executable, str(PLAIN), str(folder / "neonize.db"), network.noise_root]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, text=True)
    arrivals = Arrivals()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("QR "):
                phone.wait_ready(phone.scan_text(line[3:].strip()))
            elif line.startswith("CONNECTED "):
                break
        threading.Thread(target=arrivals.read, args=(process,), daemon=True).start()
        yield arrivals
    finally:
        process.kill()
        process.wait()


def latency(shop: Hosted, folder: Path, messages: int) -> tuple[list[float], list[float], list[float]]:
    """Return seconds from each send to neonize's callback, to the event at a client, and the difference of the two."""
    phone, customer = shop.network.phone(BUSINESS, name="Café Andino"), shop.network.phone(CUSTOMER, name="Clienta")
    shop.link(phone)
    with plain(shop.network, folder, phone) as theirs, connect(shop.workspace) as client:
        ours = Arrivals()
        threading.Thread(target=ours.listen, args=(client,), daemon=True).start()
        customer.send(BUSINESS, "warm")
        until(lambda: "warm" in ours.at and "warm" in theirs.at)
        sent = {}
        for number in range(messages):
            text = f"m{number}"
            sent[text] = time.monotonic()
            customer.send(BUSINESS, text)
            until(lambda text=text: text in ours.at and text in theirs.at)
            time.sleep(0.02)
        bare = [theirs.at[text] - at for text, at in sent.items()]
        told = [ours.at[text] - at for text, at in sent.items()]
    return bare, told, [one - other for one, other in zip(told, bare, strict=True)]


def resident(client: Client) -> float:
    """Return the host's resident memory in MB."""
    return float(psutil.Process(client.host_info.pid).memory_info().rss / 1e6)


def main(messages: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took, hosts = race(folder)
        with Network() as network, hosted(Workspace(folder / "shop").create(), network) as shop:
            idle = resident(shop.client)
            attached, asked = attach(shop.workspace), ask(shop.client)
            bare, told, more = latency(shop, folder, messages)
            linked = resident(shop.client)
            time.sleep(REST)
            rested = resident(shop.client)
    head = ["milliseconds", "p50", "p95", "worst", "limit"]
    rows = [
        ["warm attach", *quantiles(attached), "≤ 10"],
        ["sessions(), one connection", *quantiles(asked), ""],
        ["customer's send → neonize's callback", *quantiles(bare), ""],
        ["customer's send → event at a client", *quantiles(told), ""],
        ["the difference, message by message", *quantiles(more), "≤ 5"],
    ]
    print(table(f"the host, {messages} messages", head, rows))
    facts = [
        ["requests per second, one connection", len(asked) / sum(asked), ""],
        [f"{STARTERS} starters, cold: hosts", hosts, "1"],
        [f"{STARTERS} starters, cold: seconds until all have it", took, ""],
        ["resident MB, idle", idle, "≤ 200"],
        [f"resident MB, one account, with the last of {messages} messages", linked, ""],
        [f"resident MB, one account, {REST:g} s after {messages} messages", rested, "≤ 200"],
    ]
    print(table("", ["", "measured", "limit"], facts))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
