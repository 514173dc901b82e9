"""
Queries that people write: one statement, read-only, in bounded time, streamed as Arrow.

The type of a statement alone is no protection (a DELETE inside a WITH counts as
a SELECT), so it also runs in a read-only transaction, on a cursor of its own.
The time limit holds from the start until the result is closed: a reader that
stalls would otherwise pin its snapshot for ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from wakit.errors import QueryBusy, QueryFailed, QueryRefused, QueryTimeout
from wakit.store.engine import Limits, execute, rollback, streamed, translated

#: Rows of one Arrow batch.
BATCH_ROWS = 65_536

_ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class Answer:
    """
    The result of a query as a stream of Arrow batches; close it, or read it to its end.

    It is used like a ``pyarrow.RecordBatchReader``.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, seconds: float, on_close: Callable[[Answer], None]) -> None:
        self._cursor = cursor
        self._seconds = seconds
        self._on_close = on_close
        self._reader = _nothing()
        #: The columns.
        self.schema: pa.Schema = self._reader.schema
        self._lock = threading.Lock()
        self._closed = False
        self._late = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def run(self, query: str, params: Any) -> Self:
        """Start the query; after an error everything is closed."""
        try:
            with self._lock, self._timed():
                _check(self._cursor, query)
                execute(self._cursor, "BEGIN TRANSACTION READ ONLY")
                self._reader = self._cursor.sql(query, params=params).to_arrow_reader(BATCH_ROWS)
                self.schema = self._reader.schema
        except BaseException:
            self.close()
            raise
        return self

    def read_next_batch(self) -> pa.RecordBatch:
        """
        Return the next batch.

        Raises:
            StopIteration: There is none; everything is closed.
            QueryTimeout, QueryFailed: The query was stopped; likewise.
        """
        try:
            with self._lock, self._timed():
                return self._reader.read_next_batch()
        except BaseException:
            self.close()
            raise

    def read_all(self) -> pa.Table:
        """Return everything at once."""
        return pa.Table.from_batches(list(self), self.schema)

    def close(self) -> None:
        """Give back the cursor and the place among the running queries."""
        self._timer.cancel()
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._reader.close()
            self._reader = _nothing()
            rollback(self._cursor)
            self._cursor.close()
        self._on_close(self)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        while True:
            try:
                yield self.read_next_batch()
            except StopIteration:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def cut(self) -> None:
        """Stop the query, also in the middle of a read by another thread, and close."""
        self._cursor.interrupt()
        self.close()

    def _expire(self) -> None:
        self._late = True
        self.cut()

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Raise what goes wrong as our errors; everything that happens after the limit is its fault."""
        if self._late:
            raise self._timeout()
        try:
            with translated():
                yield
        except QueryFailed as exc:
            raise (self._timeout() if self._late else exc) from exc.__cause__
        except OSError as exc:
            # Errors in the middle of a stream come through Arrow, which only keeps their text.
            raise (self._timeout() if self._late else streamed(str(exc))) from exc

    def _timeout(self) -> QueryTimeout:
        return QueryTimeout(f"The query took longer than {self._seconds:g} s and was stopped. Ask for less: fewer days, a LIMIT.")


class Queries:
    """Runs queries on cursors of an open database, a few at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._places = threading.BoundedSemaphore(limits.concurrent)
        self._running: set[Answer] = set()

    def run(self, query: str, params: Any = None, *, seconds: float | None = None) -> Answer:
        """
        Start one query.

        Args:
            query: One SELECT or EXPLAIN statement.
            params: Values for ``?`` (a list) or ``$name`` (a dictionary).
            seconds: Time limit; never more than that of the database.

        Raises:
            QueryRefused: It is something else, or would write or reach a file.
            QueryFailed: DuckDB's words on what is wrong with it.
            QueryTimeout: The time was up.
            QueryBusy: Too many results are open.
        """
        if not self._places.acquire(timeout=self._limits.patience):
            raise QueryBusy
        limit = min(seconds or self._limits.seconds, self._limits.seconds)
        try:
            answer = Answer(self._connection.cursor(), limit, self._ended)
        except BaseException:
            self._places.release()
            raise
        self._running.add(answer)
        return answer.run(query, params)

    def close(self) -> None:
        """Cut all results that are open."""
        for answer in list(self._running):
            answer.cut()

    def _ended(self, answer: Answer) -> None:
        self._running.discard(answer)
        self._places.release()


def _nothing() -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(pa.schema([]), [])


def _check(cursor: duckdb.DuckDBPyConnection, query: str) -> None:
    statements = cursor.extract_statements(query)
    if len(statements) != 1:
        raise QueryRefused(f"This is {len(statements)} statements. {QueryRefused.__doc__}")
    (statement,) = statements
    if statement.type not in _ALLOWED:
        raise QueryRefused(f"This is a {statement.type.name} statement. {QueryRefused.__doc__}")
