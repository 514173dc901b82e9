"""
How fast ``wa.report`` answers, beside pandas, polars and SQL written by hand, all of which must give the same answers.

``python tests/benchmarks/bench_reports.py [MESSAGES…] [REPORT…]`` (default: 1000000 10000000 and every
report). Reports and SQL go through a client to a host in its own process and end as DataFrames,
in turns; pandas and polars have their table in memory already, which is their advantage.
What a report costs before its query leaves (``built``) is measured on a source that answers nothing.
"""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import search_path  # noqa: F401 - makes the next ones importable
from by_pandas import Pandas
from by_polars import Polars
from by_sql import Sql
from hosts import ending
from past_messages import BEGINS, DAYS, fill
from tables import table

from wakit.analytics.coverage import EXPORTED
from wakit.analytics.inquiry import Inquiry
from wakit.analytics.report import Report
from wakit.client import Client, connect
from wakit.paths import UMASK, Workspace

SIZES = (1_000_000, 10_000_000)
ROUNDS = 5
#: Bogotá, which does not change its clocks: the others need not know how that is done.
ZONE, OFFSET = "America/Bogota", -5 * 3600
NOW = BEGINS + DAYS * 86400 + 14 * 86400
WITHIN, SILENT = timedelta(minutes=15), 90
#: What reports are asked for beyond their defaults, and the others with them.
OURS: dict[str, dict[str, Any]] = {"attainment": {"within": WITHIN}, "reactivated": {"after_days": SILENT}}
THEIRS = {"attainment": [int(WITHIN.total_seconds())], "reactivated": [SILENT]}
REPORTS = [name for name in vars(Pandas) if not name.startswith("_")]
#: What a person does first in a new kernel.
FRESH = "import sys, wakit; wa = wakit.connect(sys.argv[1]); wa.report.first_response()"


@dataclass(frozen=True)
class Measured:
    """What one report took, in seconds; the ways beside it."""

    rows: int
    ours: float
    built: float
    sql: float
    polars: float
    pandas: float


class Silent:
    """Answers nothing: what happens before a query leaves is all that there is."""

    class Asked(Exception):
        """The query was about to leave."""

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        if query == EXPORTED:
            return pa.table({"until": []})
        raise self.Asked


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call, and what it gave."""
    begin = time.perf_counter()
    found = work()
    return time.perf_counter() - begin, found


def figure(inquiry: Inquiry, name: str) -> Callable[[], Any]:
    """Return a report as people ask for it."""
    return lambda: getattr(inquiry, name)(timezone=ZONE, **OURS.get(name, {}))


def built(name: str) -> float:
    """Return how long a report takes until its query leaves."""
    ask = figure(Report(Silent(), timezone=ZONE, lang="en"), name)

    def stopped() -> None:
        try:
            ask()
        except Silent.Asked:
            return

    return statistics.median(timed(stopped)[0] for _ in range(ROUNDS))


def measured(name: str, ours: Inquiry, others: Sequence[Any]) -> Measured:
    """Measure one report in every way, and compare the answers."""
    sql, polars, pandas = (lambda other=other: getattr(other, name)(*THEIRS.get(name, [])) for other in others)
    ask = figure(ours, name)
    expected = ask().df
    at_work: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, way in zip(at_work, (ask, sql), strict=True):
            times.append(timed(way)[0])
    slow = {}
    for which, way in (("polars", polars), ("pandas", pandas)):
        slow[which], answer = timed(way)
        require_same(name, which, expected, answer.to_pandas() if which == "polars" else answer)
    require_same(name, "SQL", expected, sql())
    took = [statistics.median(times) for times in at_work]
    return Measured(len(expected), took[0], built(name), took[1], **slow)


def require_same(name: str, which: str, ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Compare two answers, column by column."""
    assert ours.shape == theirs.shape, f"{name}: {which} has {theirs.shape} and not {ours.shape}"
    for number, column in enumerate(ours):
        one, other = (_plain(frame.iloc[:, number]) for frame in (ours, theirs))
        assert one.dtype.kind == other.dtype.kind, f"{name}, {column}: {which} has {theirs.dtypes.iloc[number]}"
        same = np.isclose(one, other, rtol=1e-9, equal_nan=True) if one.dtype.kind == "f" else one == other
        assert same.all(), f"{name}, {column}: {which} differs in {(~same).sum()} of {len(same)} rows"


def _plain(values: pd.Series) -> np.ndarray:
    if isinstance(values.dtype, pd.DatetimeTZDtype) or values.dtype.kind == "M":
        return values.astype("int64" if values.empty else values.dtype).map(lambda at: at.timestamp()).to_numpy(float)
    if values.dtype.kind in "iufb":
        return values.to_numpy(float)
    return values.astype(str).to_numpy(object)


def ways(client: Client) -> list[Any]:
    """Return the other ways to work out the same figures, with the same data."""
    facts, names = client.arrow("SELECT * FROM message_facts"), client.arrow("SELECT * FROM fact_names")
    made: dict[str, Any] = {"offset": OFFSET, "now": NOW}
    has_turns = "message_turns" in client.arrow("SELECT table_name FROM information_schema.tables")["table_name"].to_pylist()
    small = facts.to_pandas().astype({"account": "category", "type": "category"})
    quick = pl.from_arrow(facts).with_columns(pl.col("account", "type").cast(pl.Categorical))
    return [
        Sql(lambda query: client.arrow(query).to_pandas(), has_turns=has_turns, **made),
        Polars(quick, pl.from_arrow(names), **made),
        Pandas(small, names.to_pandas(), **made),
    ]


def fresh(workspace: Workspace) -> float:
    """Return how long a new interpreter takes until it has its first report."""
    argv = [sys.executable, "-c", FRESH, str(workspace.root)]
    return statistics.median(timed(lambda: subprocess.run(argv, check=True, timeout=60))[0] for _ in range(3))


def run(folder: Path, count: int, names: Sequence[str]) -> tuple[dict[str, Measured], float]:
    """Measure reports over so many messages."""
    workspace = Workspace(folder / str(count)).create()
    fill(workspace, count)
    frozen = SimpleNamespace(time=lambda: NOW)
    with ending(workspace), connect(workspace) as client, patch("wakit.analytics.report.time", frozen):
        others = ways(client)
        return {name: measured(name, client.report, others) for name in names}, fresh(workspace)


def shown(count: int, found: dict[str, Measured], smaller: dict[str, Measured] | None, times: float) -> str:
    """Return the table of one size; growth beside the size before it."""
    rows = []
    for name, one in found.items():
        growth = "" if smaller is None else math.log(one.ours / smaller[name].ours) / math.log(times)
        ratios = [one.ours / one.sql, one.polars / one.ours, one.pandas / one.ours]
        rows.append(
            [name, one.rows, *(1000 * took for took in (one.ours, one.built, one.sql, one.polars, one.pandas)), *ratios, growth]
        )
    head = ["report, ms", "rows", "wa.report", "built", "SQL", "polars", "pandas", "x SQL", "polars x", "pandas x", "exponent"]
    return table(f"{count:,} messages", head, rows)


def main(arguments: Sequence[str]) -> None:
    os.umask(UMASK)
    sizes = [int(one) for one in arguments if one.isdigit()] or list(SIZES)
    names = [one for one in arguments if not one.isdigit()] or REPORTS
    before: dict[str, Measured] | None = None
    with tempfile.TemporaryDirectory() as folder:
        for number, count in enumerate(sizes):
            found, first = run(Path(folder), count, names)
            print(shown(count, found, before, count / sizes[number - 1]))
            print(f"pandas, median: {statistics.median(one.pandas / one.ours for one in found.values()):.1f}x")
            print(f"a new interpreter until its first report: {first:.2f} s")
            before = found


if __name__ == "__main__":
    main(sys.argv[1:])
