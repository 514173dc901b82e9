"""SQL from notebooks through a real host: forms of the result, values, and what happens to a query that nobody waits for."""

from __future__ import annotations

import asyncio
import decimal
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import psutil
import pyarrow as pa
import pytest
from hosts import ending, until
from stored import at, entries, opened, said

from wakit.client import AsyncClient, Client, connect
from wakit.errors import InvalidInput, LibraryMissing, QueryFailed, QueryRefused, QueryTimeout
from wakit.paths import Workspace

#: Sorts for ever before it gives its first row.
RUNAWAY = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 11"
#: Places for queries in a host.
PLACES = 4


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a host with ten messages."""
    workspace = Workspace(tmp_path_factory.mktemp("w") / "shop").create()
    with opened(workspace) as store:
        store.drain("default", entries(said(f"M{n}", ts=at(n)) for n in range(10)))
    with ending(workspace), connect(workspace) as client:
        yield client


def is_calm(client: Client) -> bool:
    """Return whether the host computes nothing; on a busy machine even a query that runs away gets little."""
    return psutil.Process(client.host_info.pid).cpu_percent(0.5) < 10


def test_rows_come_as_pandas_arrow_and_polars_with_their_zone(client: Client) -> None:
    """One query, three libraries: an instant is the same instant in all of them."""
    query = "SELECT ts, text FROM messages ORDER BY ts LIMIT 2"
    frame, table, polars = client.sql(query), client.arrow(query), client.polars(query)
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(table, pa.Table)
    assert isinstance(polars, pl.DataFrame)
    assert [at(0), at(1)] == list(frame["ts"]) == table["ts"].to_pylist() == polars["ts"].to_list()
    assert "UTC" == str(frame["ts"].dt.tz)


async def _all_forms(workspace: Workspace) -> list[Any]:
    async with await AsyncClient.connect(workspace) as client:
        query = "SELECT count(*) AS n FROM messages"
        found = await client.sql(query), await client.arrow(query), await client.polars(query)
    return [len(rows) for rows in found]


def test_async_client_has_the_same_forms(client: Client) -> None:
    """What a notebook can ask for, a server can."""
    assert [1, 1, 1] == asyncio.run(_all_forms(client.workspace))


def test_without_polars_the_next_step_is_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of the host when the result could not be made."""
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(LibraryMissing, match="pip install polars"):
        client.polars("SELECT 1")


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (at(3), "TIMESTAMPTZ '2026-11-24 15:00:03+00'"),
        (datetime(2026, 11, 24, 10, 0, 3, tzinfo=timezone(timedelta(hours=-5))), "TIMESTAMPTZ '2026-11-24 15:00:03+00'"),
        (pd.Timestamp("2026-11-24 10:00:03", tz="America/Bogota"), "TIMESTAMPTZ '2026-11-24 15:00:03+00'"),
        (date(2026, 11, 24), "DATE '2026-11-24'"),
        (timedelta(hours=2), "INTERVAL 2 HOUR"),
        (decimal.Decimal("12.50"), "12.50::DECIMAL(4, 2)"),
        (b"\x00\xff", r"'\x00\xFF'::BLOB"),
        (uuid.UUID(int=7), "'00000000-0000-0000-0000-000000000007'"),
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "true"),
        (float("inf"), "'inf'::DOUBLE"),
        (["a", "b"], "['a', 'b']"),
        (np.array([1, 2]), "[1, 2]"),
        (pd.Series(["x"]), "['x']"),
        ("'; DROP TABLE x --", "'''; DROP TABLE x --'"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_value_of_a_notebook_arrives_as_what_it_was(client: Client, value: Any, sql: str) -> None:
    """Instants, dates, numbers of numpy and columns of pandas are compared as what they are, not as texts."""
    assert [True] == list(client.sql(f"SELECT ? = {sql} AS same", [value])["same"])
    assert [True] == list(client.sql(f"SELECT $value = {sql} AS same", {"value": value})["same"])


@pytest.mark.parametrize("value", [None, pd.NaT, pd.NA])
def test_missing_value_is_null(client: Client, value: Any) -> None:
    """All ways to say nothing are NULL."""
    assert [True] == list(client.sql("SELECT ? IS NULL AS gone", [value])["gone"])


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ([at(0).replace(tzinfo=None)], "without a time zone"),
        ({"since": pd.Timestamp("2026-11-24")}, r"\$since .* without a time zone"),
        ([{"a": 1}], "one by one"),
        ([object()], "value 1 is a object"),
        ("text", "Give a list"),
        (3, "Give a list"),
    ],
)
def test_value_that_means_nothing_is_refused_before_anything_is_sent(client: Client, params: Any, complaint: str) -> None:
    """The message names the value and what to give instead."""
    with pytest.raises(InvalidInput, match=complaint):
        client.sql("SELECT ?", params)


@pytest.mark.parametrize("value", [{"instant": "yesterday"}, {"surprise": "x"}, {}, {"decimal": "x"}, {"instant": 3}])
def test_malformed_value_over_rest_is_a_typed_error(client: Client, value: Any) -> None:
    """A program without wakit learns which objects there are."""
    answer = client._http.post("/api/sql", json={"query": "SELECT ?", "params": [value]})
    assert (400, "invalid-input") == (answer.status_code, answer.json()["code"])


def test_large_result_comes_whole(client: Client) -> None:
    """What is streamed in parts is one table, every row once."""
    table = client.arrow("SELECT range AS n, 'texto ' || range AS text FROM range(1000000)")
    assert (1_000_000, 499_999_500_000) == (table.num_rows, int(table["n"].to_numpy().sum()))


def test_error_behind_the_first_rows_is_the_same_error(client: Client) -> None:
    """The status is long out, and still nobody gets half a result."""
    with pytest.raises(QueryFailed, match="late"):
        client.sql("SELECT CASE WHEN range = 8000000 THEN error('late') ELSE range END FROM range(10000000)")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("DELETE FROM core.message", QueryRefused),
        ("WITH gone AS (DELETE FROM core.message RETURNING *) FROM gone", QueryRefused),
        ("COPY messages TO 'x.csv'", QueryRefused),
        ("ATTACH 'x.duckdb'", QueryRefused),
        ("FROM read_text('/etc/hostname')", QueryRefused),
        ("SELECT 1; SELECT 2", QueryRefused),
        ("SELEC 1", QueryFailed),
        ("SELECT len(string_agg(range::VARCHAR, ',')) FROM range(2000000000)", QueryFailed),
    ],
)
def test_bad_query_is_a_typed_error_and_the_host_goes_on(client: Client, query: str, error: type[Exception]) -> None:
    """Writing, copying, attaching, reading files, mistakes and greed: told as what they are."""
    with pytest.raises(error):
        client.sql(query)
    assert [10] == list(client.sql("SELECT count(*) AS n FROM messages")["n"])


def test_shorter_limit_of_the_caller_holds(client: Client) -> None:
    """``seconds`` stops a query that runs away."""
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.3 s"):
        client.sql(RUNAWAY, seconds=0.3)
    assert time.monotonic() - started < 5


def test_rest_answer_in_json_is_bounded(client: Client) -> None:
    """A result that would fill the host is refused with the way to get it."""
    answer = client._http.post("/api/sql", json={"query": "FROM range(200000)"})
    assert (422, "query-failed") == (answer.status_code, answer.json()["code"])
    assert "arrow" in answer.json()["detail"]


async def _leave(workspace: Workspace) -> float:
    async with await AsyncClient.connect(workspace) as client:
        running = [asyncio.create_task(client.sql(RUNAWAY)) for _ in range(PLACES)]
        await asyncio.sleep(0.5)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        started = time.monotonic()
        await client.sql("SELECT 1")
        return time.monotonic() - started


def test_queries_whose_callers_leave_are_stopped(client: Client) -> None:
    """All places were taken by queries that run for ever: when the connections drop, the next query has one at once."""
    assert asyncio.run(_leave(client.workspace)) < 2
    until(lambda: is_calm(client))


ASKS = """
import sys, wakit
wa = wakit.connect(sys.argv[1])
print("asking", flush=True)
wa.sql(sys.argv[2])
"""


def test_ctrl_c_stops_the_query_in_the_host(client: Client) -> None:
    """KeyboardInterrupt is raised at once, and the host does not go on computing for nobody."""
    argv = [sys.executable, "-c", ASKS, str(client.workspace.root), RUNAWAY]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(argv, cwd=Path(__file__).parents[2], **pipes) as asking:  # type: ignore[call-overload]
        assert "asking" in asking.stdout.readline()
        until(lambda: not is_calm(client))
        asking.send_signal(signal.SIGINT)
        _, complaint = asking.communicate(timeout=10)
    assert "KeyboardInterrupt" in complaint
    until(lambda: is_calm(client), 5)


def test_messages_are_chosen_by_who_when_and_what(client: Client) -> None:
    """All filters at once and alone; rows come oldest first with aware instants."""
    assert ["M3", "M4"] == list(client.messages(since=at(3), until=at(5))["message_id"])
    assert ["M8", "M9"] == list(client.messages(limit=2)["message_id"])
    everything = client.messages(account="default", chat="+57 300 123 4567", sender="573001234567", types=["text"], from_me=False)
    assert 10 == len(everything)
    assert "UTC" == str(everything["ts"].dt.tz)
    assert 0 == len(client.messages(types=["image", "video"])) == len(client.messages(from_me=True))


@pytest.mark.parametrize(
    ("filters", "complaint"),
    [
        ({"chat": "+57 300 999 0000"}, r"Nobody .* wa\.chats\(\)"),
        ({"sender": "1203@g.us"}, r"the sender '1203@g\.us'"),
        ({"chat": "Ana"}, "is not a phone number"),
        ({"since": at(0).replace(tzinfo=None)}, "since is .* without a time zone"),
        ({"until": pd.Timestamp("2026-11-24")}, "until is .* without a time zone"),
        ({"types": ["fax"]}, "'text', 'image'"),
        ({"limit": 0}, "limit"),
    ],
)
def test_filter_that_cannot_be_meant_says_what_to_do(client: Client, filters: dict[str, Any], complaint: str) -> None:
    """An unknown chat, a time without a zone, an unknown type: refused, not an empty table."""
    with pytest.raises(InvalidInput, match=complaint):
        client.messages(**filters)


@pytest.mark.parametrize("table", ["receipts", "reactions", "sends", "conversations", "contacts", "coverage", "accounts"])
def test_tables_that_people_query_are_there(client: Client, table: str) -> None:
    """Each of them can be asked for by SQL and has an account."""
    assert "account" in client.sql(f"FROM {table} LIMIT 1").columns
