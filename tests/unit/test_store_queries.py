"""Queries of people: one statement, read-only, bounded, streamed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hosts import until
from stored import at, entries, opened, said, table

from wakit.errors import QueryBusy, QueryFailed, QueryRefused, QueryStopped, QueryTimeout, WakitError
from wakit.paths import Workspace
from wakit.store import Limits, Store
from wakit.store.engine import translate

#: Sorts more than it can before it gives its first row.
RUNAWAY = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range % 7 = b.range % 11"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield a store with ten messages."""
    with opened(workspace, limits=Limits(memory="200MiB", seconds=20, concurrent=2, patience=0.05)) as store:
        store.drain("default", entries(said(f"M{n}", ts=at(n)) for n in range(10)))
        yield store


def test_result_is_arrow_with_utc_instants(store: Store) -> None:
    """Notebooks get typed columns."""
    with store.sql("SELECT ts, text FROM messages ORDER BY ts LIMIT 1") as answer:
        assert pa.schema([("ts", pa.timestamp("us", "UTC")), ("text", pa.string())]) == answer.schema
        assert [{"ts": at(0), "text": "hola"}] == answer.read_all().to_pylist()


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ("SELECT count(*) FROM messages WHERE message_id = ?", ["M3"]),
        ("SELECT count(*) FROM messages WHERE message_id = $id", {"id": "M3"}),
    ],
)
def test_values_are_parameters(store: Store, query: str, params: object) -> None:
    """Both ways of DuckDB work."""
    assert [(1,)] == table(store, query, params)


@pytest.mark.parametrize(
    "query", ["FROM messages", "EXPLAIN SELECT 1", "SELECT 1;", "SELECT 1 /* ; */ -- x", "SUMMARIZE messages"]
)
def test_one_statement_that_reads_is_run(store: Store, query: str) -> None:
    """All ways to ask are allowed."""
    with store.sql(query) as answer:
        assert answer.read_all().num_rows > 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "-- nothing",
        "SELECT 1; SELECT 2",
        "DELETE FROM core.message",
        "WITH gone AS (DELETE FROM core.message RETURNING *) SELECT count(*) FROM gone",
        "WITH new AS (INSERT INTO core.gap SELECT * FROM core.gap RETURNING *) FROM new",
        "EXPLAIN ANALYZE DELETE FROM core.message",
        "UPDATE core.message SET text = ''",
        "CREATE TABLE x (a INT)",
        "CREATE TEMP TABLE x (a INT)",
        "DROP VIEW messages",
        "ATTACH '/tmp/x.duckdb'",
        "COPY messages TO '/tmp/x.csv'",
        "EXPORT DATABASE '/tmp/x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET threads = 1",
        "PRAGMA database_list",
        "CALL pragma_version()",
        "CHECKPOINT",
        "BEGIN",
        "COMMIT",
        "PREPARE x AS SELECT 1",
        "USE core",
        "VACUUM",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_blob('/etc/hostname')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1/x.parquet')",
        "SELECT * FROM parquet_metadata('/tmp/x.parquet')",
    ],
)
def test_everything_else_is_refused_and_changes_nothing(store: Store, query: str) -> None:
    """No write, no file, no network, no setting: a typed refusal, and all messages are still there."""
    with pytest.raises(QueryRefused), store.sql(query) as answer:
        answer.read_all()
    assert [(10,)] == table(store, "SELECT count(*) FROM messages WHERE text = 'hola'")


def test_path_is_no_table(store: Store) -> None:
    """A file name in place of a table reaches no file."""
    with pytest.raises(QueryFailed, match="does not exist"):
        store.sql("FROM '/etc/passwd'")


def test_variables_of_the_process_cannot_be_read(store: Store) -> None:
    """A name in a query is never a Python object."""
    secret = pa.table({"x": ["secret"]})
    with pytest.raises(QueryFailed, match="does not exist"):
        store.sql("FROM secret")
    assert 1 == secret.num_rows


@pytest.mark.parametrize("query", ["SELEC 1", "FROM nowhere", "SELECT missing FROM messages", "SELECT 'x'::INT", "SELECT ?"])
def test_mistakes_are_told_in_the_words_of_the_database(store: Store, query: str) -> None:
    """Who wrote the query learns what is wrong with it."""
    with pytest.raises(QueryFailed, match="Error"), store.sql(query) as answer:
        answer.read_all()


def test_error_in_the_middle_of_a_result_is_typed(store: Store) -> None:
    """What goes wrong after the first rows is told like everything else."""
    query = "SELECT CASE WHEN range = 8000000 THEN error('late') ELSE range END FROM range(10000000)"
    answer = store.sql(query)
    assert answer.read_next_batch().num_rows > 0
    with pytest.raises(QueryFailed, match="late"):
        answer.read_all()
    assert [(10,)] == table(store, "SELECT count(*) FROM messages")


def test_runaway_query_is_stopped(store: Store) -> None:
    """The limit of the request is kept, and the store goes on."""
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.3 s"), store.sql(RUNAWAY, seconds=0.3) as answer:
        answer.read_all()
    assert time.monotonic() - started < 5
    assert [(10,)] == table(store, "SELECT count(*) FROM messages")


def test_stalled_reader_is_cut(store: Store) -> None:
    """A result that nobody reads does not pin its snapshot for ever, nor its place."""
    answer = store.sql("FROM range(10000000)", seconds=0.2)
    answer.read_next_batch()
    until(lambda: not store._queries.deadlines.watched())
    with pytest.raises(QueryTimeout):
        answer.read_next_batch()


def test_too_much_memory_is_a_typed_error(store: Store) -> None:
    """One greedy query fails alone."""
    query = "SELECT len(string_agg(range::VARCHAR, ',')) FROM range(200000000)"
    with pytest.raises(QueryFailed, match="memory"), store.sql(query) as answer:
        answer.read_all()
    assert [(10,)] == table(store, "SELECT count(*) FROM messages")


def test_too_many_open_results_are_refused(store: Store) -> None:
    """There is a place again as soon as one is closed."""
    first, second = store.sql("FROM range(1000000)"), store.sql("FROM range(1000000)")
    with pytest.raises(QueryBusy):
        store.sql("SELECT 1")
    first.close()
    assert [(1,)] == table(store, "SELECT 1")
    second.close()


def test_closing_twice_gives_one_place_back(store: Store) -> None:
    """A with block around a result that was read to its end is fine."""
    for _ in range(5):
        with store.sql("SELECT 1") as answer:
            answer.read_all()
            answer.close()
    assert [(1,)] == table(store, "SELECT 1")


def test_reader_sees_one_state_while_messages_arrive(store: Store) -> None:
    """A slow reader neither blocks the writer nor sees what came later."""
    with store.sql("SELECT message_id FROM messages, range(200000)") as answer:
        seen = answer.read_next_batch().num_rows
        store.drain("default", entries((said(f"N{n}", ts=at(99)) for n in range(50)), first=100))
        seen += sum(batch.num_rows for batch in answer)
    assert 10 * 200_000 == seen
    assert 60 == store.messages().num_rows


def test_readers_and_the_writer_do_not_wait_for_each_other(store: Store) -> None:
    """Two notebooks query while messages arrive: nobody sees an error, and counts only grow."""
    counts: list[list[int]] = [[], []]
    failures: list[BaseException] = []
    done = threading.Event()

    def ask(found: list[int]) -> None:
        try:
            while not done.is_set():
                found.append(table(store, "SELECT count(*) FROM messages")[0][0])
        except WakitError as exc:
            failures.append(exc)

    readers = [threading.Thread(target=ask, args=(found,)) for found in counts]
    for reader in readers:
        reader.start()
    for n in range(30):
        store.drain("default", entries([said(f"N{n}", ts=at(n))], first=100 + n))
    done.set()
    for reader in readers:
        reader.join(20)
    assert not failures
    assert all(found == sorted(found) and found for found in counts)
    assert [(40,)] == table(store, "SELECT count(*) FROM messages")


def test_query_is_stopped_from_another_thread_wherever_it_is(store: Store) -> None:
    """Before its start, while it computes and between two batches: it ends at once, typed, and gives its place back."""
    early = store.prepare("SELECT 1")
    early.stop()
    with pytest.raises(QueryStopped):
        early.start()
    for delay in (0.0, 0.001, 0.3):
        running = store.prepare(RUNAWAY)
        threading.Timer(delay, running.stop).start()
        started = time.monotonic()
        with pytest.raises(QueryStopped), running.start():
            running.read_all()
        assert time.monotonic() - started < 5
    idle = store.sql("FROM range(10000000)")
    idle.read_next_batch()
    idle.stop()
    until(lambda: not store._queries.deadlines.watched())
    with pytest.raises(QueryStopped):
        idle.read_next_batch()


def test_nobody_watches_when_nothing_runs(workspace: Workspace) -> None:
    """The thread that keeps the limits ends by itself, and another one comes with the next query."""
    with opened(workspace, limits=Limits(seconds=0.1)) as store:
        for _ in range(2):
            table(store, "SELECT 1")
            until(lambda: store._queries.deadlines._thread is None)


def test_close_cuts_open_results(workspace: Workspace) -> None:
    """The host can end while somebody reads."""
    with opened(workspace) as store:
        answer = store.sql("FROM range(100000000)")
        answer.read_next_batch()
    with pytest.raises(QueryStopped):
        answer.read_next_batch()


def test_every_error_of_the_database_has_one_of_ours() -> None:
    """Whatever DuckDB raises, callers can catch ``WakitError``."""
    kinds = {kind for kind in vars(duckdb).values() if isinstance(kind, type) and issubclass(kind, duckdb.Error)}
    assert len(kinds) > 20
    for kind in kinds:
        assert isinstance(translate(kind("said"), None), WakitError)
        assert "wakit.duckdb" in translate(kind("said"), Path("wakit.duckdb")).message
