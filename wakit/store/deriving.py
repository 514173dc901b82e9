"""
When the derived tables are brought up to date: before somebody reads them, and in between by a thread.

Who asks waits for what is missing, so an answer is never older than the question.
The thread is there for that to be little. It keeps out of the way of the drain:
while messages come in it works a twentieth of the time.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from wakit.errors import QueryStopped, QueryTimeout, WakitError
from wakit.store import derived
from wakit.store.engine import translated

log = logging.getLogger(__name__)

#: Seconds that the thread lets go by after it was woken, and the share of the time that it works while more comes in.
PAUSE = 5.0
SHARE = 0.05
#: Seconds before what could not be derived is tried again.
RETRY = 30.0
#: Seconds to wait for the thread to end what it does.
PATIENCE = 30.0

_VIEWS = re.compile(r"\b(message_(turns|waits|conversations|hours)|fact_chats)\b", re.IGNORECASE)
_NOT_READY = "What reports read is being made from the messages. It goes on by itself; ask again in a minute."


class Deriving:
    """Keeps the derived tables of an open database in step with its messages."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._cursor = connection.cursor()
        self._path = path
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deriving", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something new."""
        self._bell.set()

    def before(self, query: str, seconds: float) -> None:
        """
        Bring the tables up to date if a query reads them.

        Args:
            query: That is about to run.
            seconds: After which to give up; what is done by then stays.

        Raises:
            QueryTimeout: The time was up.
            QueryStopped: The store is being closed.
        """
        if _VIEWS.search(query):
            self.catch_up(seconds)

    def catch_up(self, seconds: float | None = None) -> None:
        """Derive what is committed by now; see ``before``."""
        end = None if seconds is None else time.monotonic() + seconds
        with self._locked(end), translated(self._path):
            if derived.is_fresh(self._cursor):
                return
            derived.collect(self._cursor)
        while self._slice(end):
            pass

    def close(self) -> None:
        """End the thread; what it did not get to is derived when the store is opened again."""
        self._closing.set()
        self._bell.set()
        self._thread.join(PATIENCE)
        with self._lock:
            self._cursor.close()

    @contextmanager
    def _locked(self, end: float | None) -> Iterator[None]:
        """Hold the lock, unless the time is up or the store is closing."""
        left = -1.0 if end is None else max(end - time.monotonic(), 0.0)
        if not self._lock.acquire(timeout=left):
            raise QueryTimeout(_NOT_READY)
        try:
            if self._closing.is_set():
                raise QueryStopped
            if end is not None and time.monotonic() > end:
                raise QueryTimeout(_NOT_READY)
            yield
        finally:
            self._lock.release()

    def _slice(self, end: float | None = None) -> bool:
        """Derive some of the stale chats; return whether there were any."""
        with self._locked(end), translated(self._path):
            return derived.derive(self._cursor)

    def _run(self) -> None:
        failed = False
        while not self._closing.wait(RETRY if failed else 0):
            if not failed:
                self._bell.wait()
            try:
                self._work()
                failed = False
            except QueryStopped:
                return
            except WakitError as exc:
                log.warning("what reports read could not be brought up to date: %s", exc.message)
                failed = True

    def _work(self) -> None:
        """Derive what is new, after a pause in which more may come."""
        if self._closing.wait(PAUSE):
            return
        self._bell.clear()
        began = time.monotonic()
        with self._locked(None), translated(self._path):
            derived.collect(self._cursor)
        while self._slice():
            took = time.monotonic() - began
            if self._bell.is_set() and self._closing.wait(took / SHARE):
                return
            began = time.monotonic()
