"""
What a query costs through the host, and what queries cost those who write.

``python tests/benchmarks/bench_query.py [ROWS]``. A large result and a small query
are compared with DuckDB in this process, in the same run and in turns; then 200
messages a second arrive through the emulated network, with nobody querying and
with two notebooks.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import search_path  # noqa: F401 - makes the next ones importable
from hosts import ending
from network.hosted import BUSINESS, CUSTOMER, hosted
from querying import Lags, notebooks, send_paced
from tables import table

from wakit.client import Client, connect
from wakit.emulator import Network
from wakit.paths import Workspace

ROUNDS = 300
ARRIVING, RATE = 1000, 200
#: A million rows of ten columns of all the types that messages have.
LARGE = """
SELECT
    i AS number, i * 2 AS seq, i::VARCHAR AS message_id, 'mensaje número ' || i || ' con algo de texto' AS text,
    (i % 7)::INTEGER AS chat, i % 3 = 0 AS from_me, TIMESTAMPTZ '2024-11-24' + INTERVAL (i) SECOND AS ts,
    'cliente ' || (i % 5000) AS name, i / 3.0::DOUBLE AS wait, 'tipo ' || (i % 10) AS type
FROM range({rows}) AS made (i)
"""
SMALL = {
    "SELECT 1": "SELECT 1 AS x",
    "count of a table": "SELECT count(*) AS n FROM core.message",
    "count of the view messages": "SELECT count(*) AS n FROM messages",
}


def quantiles(seconds: list[float]) -> list[float]:
    """Return p50 and p95 in milliseconds."""
    ordered = sorted(seconds)
    return [1000 * statistics.median(ordered), 1000 * ordered[int(len(ordered) * 0.95)]]


def timed(work: Callable[[], object]) -> float:
    """Return the seconds of one call, its result dropped behind them."""
    began = time.perf_counter()
    result = work()
    took = time.perf_counter() - began
    del result
    return took


def in_turns(rounds: int, *works: Callable[[], object]) -> list[list[float]]:
    """Return the seconds of each way, measured one after the other in each round, the first rounds left out."""
    for _ in range(max(2, rounds // 20)):
        for work in works:
            work()
    found: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for times, work in zip(found, works, strict=True):
            times.append(timed(work))
    return found


def large(client: Client, rows: int) -> list[list[object]]:
    """Measure a large result into pandas, through the host and in process."""
    here, query = duckdb.connect(), LARGE.format(rows=rows)
    floor, ours, arrow, frame = in_turns(
        7,
        lambda: here.sql(query).to_arrow_table().to_pandas(),
        lambda: client.sql(query),
        lambda: client.arrow(query),
        lambda: here.sql(query).df(),
    )
    here.close()
    base = statistics.median(floor)
    names = ["DuckDB in process → Arrow → pandas", "wa.sql → pandas", "wa.arrow", "DuckDB in process, .df()"]
    limits = ["", "≤ 2.5", "", ""]
    return [
        [name, 1000 * statistics.median(times), 1000 * min(times), statistics.median(times) / base, limit]
        for name, times, limit in zip(names, (floor, ours, arrow, frame), limits, strict=True)
    ]


def small(client: Client) -> list[list[object]]:
    """Measure small queries through the host."""
    return [
        [
            name,
            *quantiles(in_turns(ROUNDS, lambda query=query: client.sql(query))[0]),
            "≤ 2 p50" if name != list(SMALL)[-1] else "",
        ]
        for name, query in SMALL.items()
    ]


def arriving(folder: Path, readers: int) -> list[object]:
    """Let messages arrive while so many notebooks query; return the writer's lag and what the readers waited."""
    with Network() as network, hosted(Workspace(folder / f"shop{readers}").create(), network) as shop:
        shop.link(network.phone(BUSINESS, name="Café Andino"))
        customer = network.phone(CUSTOMER, name="Clienta")
        lags = Lags(shop.workspace, "pedido", ARRIVING)
        with notebooks(shop.workspace, readers) as seen:
            rate = send_paced(customer, BUSINESS, "pedido", ARRIVING, RATE)
            waited = lags.wait(120)
    asked = [second for reader in seen for second in reader.seconds]
    failed = sum(len(reader.errors) for reader in seen)
    return [f"{readers} notebooks", rate, *quantiles(waited), *(quantiles(asked) if asked else ["", ""]), failed]


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with ending(Workspace(folder / "idle").create()) as workspace, connect(workspace) as client:
            print(table(f"{rows:,} rows x 10 columns", ["ms", "p50", "best", "x floor", "limit"], large(client, rows)))
            print(table("small queries, one connection", ["ms", "p50", "p95", "limit"], small(client)))
        head = ["", "messages/s", "event → SQL p50", "p95 (≤ 300)", "a query p50", "p95", "errors"]
        print(table(f"{ARRIVING} messages arrive, ms", head, [arriving(folder, readers) for readers in (0, 2)]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
