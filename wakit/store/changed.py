"""
Which messages may have been edited or revoked: an answer in a tenth of a millisecond, for every hit of every search.

To ask the database whether one of twenty messages was changed takes it as long as
planning a query does, a sixth of a search; most are not, and a filter in memory says
so. Where it says "maybe" the database is asked. It is read when it is first needed.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from hashlib import blake2b

import duckdb

from wakit.store.bloom import Bloom, Positions, positions

#: Ids that are read from the database at a time.
FETCH = 20_000

_ALL = "SELECT target_id FROM core.change WHERE kind IN ('edit', 'revoke') AND target_id IS NOT NULL"


class Changed:
    """The ids of changed messages, of all accounts, as a filter; may be used from several threads."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._bloom: Bloom | None = None
        self._lock = threading.Lock()

    def note(self, ids: Sequence[str]) -> None:
        """Take in the targets of changes that are committed: those of later ones would miss what is being read."""
        with self._lock:
            if ids and self._bloom is not None:
                self._bloom.add(_positions(ids))

    def forget(self) -> None:
        """Read everything again when it is needed next."""
        with self._lock:
            self._bloom = None

    def maybe(self, ids: Sequence[str]) -> list[str]:
        """Return those that may have been changed; all others were not."""
        if not ids:
            return []
        with self._lock:
            if self._bloom is None:
                self._bloom = self._read()
            return [ids[index] for index in self._bloom.maybe(_positions(ids)).tolist()]

    def _read(self) -> Bloom:
        bloom = Bloom()
        with self._connection.cursor() as cursor:
            result = cursor.execute(_ALL)
            while found := result.fetchmany(FETCH):
                bloom.add(_positions([target for (target,) in found]))
        return bloom


def _positions(ids: Sequence[str]) -> Positions:
    return positions([blake2b(one.encode(errors="surrogatepass"), digest_size=16).digest() for one in ids])
