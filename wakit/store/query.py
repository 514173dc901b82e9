"""
Queries that people write: one statement, read-only, in bounded time, streamed as Arrow.

The type of a statement alone is no protection (a DELETE inside a WITH counts as
a SELECT), so it also runs in a read-only transaction, on a cursor of its own.
The time limit holds from the start until the result is closed: a reader that
stalls would otherwise pin its snapshot for ever.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from wakit.errors import QueryBusy, QueryFailed, QueryRefused, QueryStopped, QueryTimeout, WakitError
from wakit.store.deadlines import Deadlines
from wakit.store.engine import Limits, execute, rollback, streamed, translated

#: Rows of one Arrow batch.
BATCH_ROWS = 65_536

_ALLOWED = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


class Answer:
    """
    One query and its result, a stream of Arrow batches; close it, or read it to its end.

    Once started it is used like a ``pyarrow.RecordBatchReader``. ``stop`` may come
    from any thread at any time, also before the start.
    """

    def __init__(
        self,
        queries: Queries,
        query: str,
        params: Any,
        seconds: float,
        revive: Callable[[], Queries | None],
        before: Callable[[str, float], None],
    ) -> None:
        self._queries = queries
        self._revive = revive
        self._before = before
        self._query = query
        self._params = params
        self._seconds = seconds
        self._reader = _nothing()
        #: The columns, once it is started.
        self.schema: pa.Schema = self._reader.schema
        self._cursor: duckdb.DuckDBPyConnection | None = None
        self._lock = threading.Lock()
        self._stopped: QueryFailed | None = None

    def start(self) -> Self:
        """
        Wait for a place among the running queries and start; after an error everything is closed.

        Raises:
            QueryRefused: It is no SELECT, or would write or reach a file.
            QueryFailed: DuckDB's words on what is wrong with it.
            QueryTimeout: The time was up.
            QueryBusy: Too many results are open.
            QueryStopped: Somebody stopped it.
        """
        try:
            self._begin()
        except WakitError:
            queries = self._revive()
            if queries is None:
                raise
            self._queries = queries
            self._begin()
        return self

    def _begin(self) -> None:
        self._before(self._query, self._seconds)
        cursor = self._cursor = self._queries.enter(self, self._seconds)
        try:
            with self._lock, self._told():
                statement = _checked(cursor, self._query)
                execute(cursor, "BEGIN TRANSACTION READ ONLY")
                self._reader = cursor.sql(statement, params=self._params).to_arrow_reader(BATCH_ROWS)
                self.schema = self._reader.schema
        except BaseException:
            self.close()
            raise

    def read_next_batch(self) -> pa.RecordBatch:
        """
        Return the next batch.

        Raises:
            StopIteration: There is none; everything is closed.
            QueryTimeout, QueryStopped, QueryFailed: The query was stopped; likewise.
        """
        try:
            with self._lock, self._told():
                return self._reader.read_next_batch()
        except BaseException:
            self.close()
            raise

    def read_all(self) -> pa.Table:
        """Return everything at once."""
        return pa.Table.from_batches(list(self), self.schema)

    def close(self) -> None:
        """Give back the cursor and the place among the running queries."""
        with self._lock:
            self._end()

    def stop(self) -> None:
        """Let it fail soon with ``QueryStopped``, wherever it is; does not wait."""
        self._stopped = self._stopped or QueryStopped()
        self._queries.deadlines.hurry(self)

    def interrupt(self) -> None:
        """Stop for good: the reading thread closes, or this one where nobody reads."""
        self._stopped = self._stopped or QueryTimeout(
            f"The query took longer than {self._seconds:g} s and was stopped. Ask for less: fewer days, a LIMIT."
        )
        if self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()
        elif self._cursor is not None:
            with contextlib.suppress(duckdb.Error):  # its thread has just closed it
                self._cursor.interrupt()

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

    def _end(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is None:
            return
        self._reader.close()
        self._reader = _nothing()
        rollback(cursor)
        cursor.close()
        self._queries.leave(self)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raise what goes wrong as our errors; everything that happens after a stop is its fault."""
        if self._stopped is not None:
            raise self._stopped
        try:
            with translated():
                yield
        except QueryFailed as exc:
            raise (self._stopped or exc) from exc.__cause__
        except OSError as exc:
            # Errors in the middle of a stream come through Arrow, which only keeps their text.
            raise (self._stopped or streamed(str(exc))) from exc


class Queries:
    """Runs queries on cursors of an open database, a few at a time."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self._connection = connection
        self._limits = limits
        self._places = threading.BoundedSemaphore(limits.concurrent)
        #: Ends what takes too long.
        self.deadlines = Deadlines()

    def prepare(
        self,
        query: str,
        params: Any = None,
        *,
        seconds: float | None = None,
        revive: Callable[[], Queries | None] = lambda: None,
        before: Callable[[str, float], None] = lambda _query, _seconds: None,
    ) -> Answer:
        """
        Return a query that is not started yet.

        Args:
            query: One SELECT or EXPLAIN statement.
            params: Values for ``?`` (a list) or ``$name`` (a dictionary).
            seconds: Time limit; never more than that of the database.
            revive: Asked after a failure: the queries of the database that was
                opened anew, if this one had given up.
            before: Told of the query and its time limit before it starts.
        """
        return Answer(self, query, params, min(seconds or self._limits.seconds, self._limits.seconds), revive, before)

    def close(self) -> None:
        """Stop all results that are open, and return when they are closed."""
        for answer in self.deadlines.watched():
            assert isinstance(answer, Answer)
            answer.stop()
            answer.close()

    def enter(self, answer: Answer, seconds: float) -> duckdb.DuckDBPyConnection:
        """Return a cursor for *answer*, whose time begins now, or raise ``QueryBusy``."""
        if not self._places.acquire(timeout=self._limits.patience):
            raise QueryBusy
        try:
            with translated():
                cursor = self._connection.cursor()
        except BaseException:
            self._places.release()
            raise
        self.deadlines.watch(answer, seconds)
        return cursor

    def leave(self, answer: Answer) -> None:
        """Give the place of *answer* to the next one."""
        self.deadlines.forget(answer)
        self._places.release()


def _nothing() -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(pa.schema([]), [])


def _checked(cursor: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    statements = cursor.extract_statements(query)
    if len(statements) != 1:
        raise QueryRefused(f"This is {len(statements)} statements. {QueryRefused.__doc__}")
    (statement,) = statements
    if statement.type not in _ALLOWED:
        raise QueryRefused(f"This is a {statement.type.name} statement. {QueryRefused.__doc__}")
    return statement
