"""
The way into the search index: a thread that reads what the drain has committed.

It runs behind the drain and never in its way. Where it begins is what the index
says of itself, so a process that dies in between repeats nothing and skips
nothing. An index that cannot be written twice in a row is thrown away and made
anew, as is one that knows more than the database, which then was put back.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from wakit.errors import WakitError, WorkspaceError
from wakit.store.engine import rows, translated
from wakit.store.index import Entry, Index, Origin

log = logging.getLogger(__name__)

#: Journal entries that one commit of the index takes at most.
WINDOW = 50_000
#: Rows that are fetched at a time.
FETCH = 5_000
#: Seconds to wait for the thread to end what it does.
PATIENCE = 30.0
#: Seconds before what could not be indexed is tried again.
RETRY = 5.0
#: Seconds without anything new after which the writer's memory is given back.
IDLE = 2.0

_REACHED = "SELECT account, seq, greatest(seq, part_seq) FROM core.watermark ORDER BY account"
_NEW = """
SELECT seq, item, chat, sender, epoch_us(ts), type::VARCHAR, text
FROM core.message
WHERE account = $account AND seq BETWEEN $first AND $last AND (seq, item) > ($seq, $item) AND text <> ''
UNION ALL
SELECT seq, item, chat, sender, epoch_us(ts), kind::VARCHAR, text
FROM core.change
WHERE kind = 'edit' AND account = $account AND seq BETWEEN $first AND $last AND (seq, item) > ($seq, $item) AND text <> ''
"""
#: What is known of each import that tells whether its rows are the same as last time.
_IMPORTS = """
SELECT import.account, -import.id, format('{} {} {} {}', import.account, import.id, coalesce(size, 0), coalesce(sum, 0))
FROM core.import AS import
LEFT JOIN (
    SELECT seq, count(*) AS size, bit_xor(hash(item, chat, sender, text)) AS sum
    FROM (
        SELECT seq, item, chat, sender, text FROM core.message WHERE seq < 0
        UNION ALL
        SELECT seq, -1 - item, chat, sender, text FROM core.change WHERE seq < 0
    )
    GROUP BY seq
) AS found ON found.seq = -import.id
ORDER BY import.id
"""
_IMPORTED = """
SELECT seq, item, chat, sender, epoch_us(ts), type::VARCHAR, text
FROM core.message
WHERE account = $account AND seq = $seq AND text <> ''
UNION ALL
SELECT seq, item, chat, sender, epoch_us(ts), kind::VARCHAR, text
FROM core.change
WHERE kind = 'edit' AND account = $account AND seq = $seq AND text <> ''
"""


class Indexing:
    """Keeps an index in step with an open database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, index: Index) -> None:
        self._cursor = connection.cursor()
        self._path = path
        self._index = index
        #: Behind what nothing can come any more, by account.
        self._done: dict[int, Origin] = {}
        #: Whether an import may have changed since they were looked at.
        self._imports = True
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="indexing", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something new."""
        self._bell.set()

    def imports_changed(self) -> None:
        """Say that imports were added, undone or compared again."""
        self._imports = True
        self._bell.set()

    def catch_up(self) -> int:
        """Index everything that is committed by now; return how many rows were new."""
        with self._lock, translated(self._path):
            reached = rows(self._cursor, _REACHED)
            if any(account not in self._done and self._index.last(account).seq > last for account, _, last in reached):
                log.warning("the search index is made anew: the database was put back to an earlier state")
                self._renew()
            return sum(self._catch_up(*one) for one in reached) + self._take_imports()

    def rebuild(self) -> int:
        """Make the index anew from the database; return how many rows it holds."""
        with self._lock:
            self._renew()
        return self.catch_up()

    def close(self) -> None:
        """End the thread; what it did not get to is indexed when the store is opened again."""
        self._closing = True
        self._bell.set()
        self._thread.join(PATIENCE)
        with self._lock:
            self._cursor.close()
            self._index.rest()

    def _run(self) -> None:
        failed = 0
        while True:
            if not self._bell.wait(RETRY if failed else IDLE) and not failed:
                self._rest()
                self._bell.wait()
            self._bell.clear()
            if self._closing:
                return
            try:
                if failed > 1:
                    self.rebuild()
                else:
                    self.catch_up()
                failed = 0
            except WakitError as exc:
                log.warning("what is new cannot be searched yet: %s", exc.message)
                # A full disk or a closed database is no reason to throw an index away.
                failed = failed + 1 if type(exc) is WorkspaceError else 1

    def _rest(self) -> None:
        with self._lock:
            self._index.rest()

    def _renew(self) -> None:
        self._index.renew()
        self._done.clear()
        self._imports = True

    def _catch_up(self, account: int, complete: int, reached: int) -> int:
        begin = self._done.get(account) or self._index.last(account)
        count = 0
        for first in range(begin.seq, reached + 1, WINDOW):
            if self._closing:
                return count
            bounds = {"first": first, "last": min(first + WINDOW - 1, reached), "seq": begin.seq, "item": begin.item}
            found = self._entries(_NEW, {"account": account, **bounds})
            # An empty commit would cost a flush as well.
            if (entry := next(found, None)) is not None:
                count += self._index.add(itertools.chain([entry], found))
        end = Origin.end_of(account, complete)
        # Of an entry that is not moved to its end yet, more rows will come.
        self._done[account] = max(end, self._index.last(account)) if reached > complete else max(end, begin)
        return count

    def _take_imports(self) -> int:
        """Index each import that is new or has other rows than last time; imports change as a whole."""
        if not self._imports:
            return 0
        self._imports = False
        count = 0
        try:
            for account, seq, note in rows(self._cursor, _IMPORTS):
                if self._closing:
                    return count
                if not self._index.has(note):
                    count += self._index.replace(account, seq, self._entries(_IMPORTED, {"account": account, "seq": seq}), note)
        except BaseException:
            self._imports = True
            raise
        return count

    def _entries(self, query: str, values: dict[str, Any]) -> Iterator[Entry]:
        account = values["account"]
        result = self._cursor.execute(query, values)
        while found := result.fetchmany(FETCH):
            for seq, item, chat, sender, micros, kind, text in found:
                yield Entry(origin=Origin(account, seq, item), chat=chat, sender=sender, micros=micros, type=kind, text=text)
