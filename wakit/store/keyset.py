"""
The key set: what makes ingest idempotent.

Each row that may come twice has a 16-byte key (``ids.dedupe_key``). The first
row to claim it owns it for good; the value names that row by journal entry, so
the same entry read again after a crash is new again, and every other row with
that key is a duplicate. DuckDB cannot do this: at 10 million rows its primary
key takes 11 upserts a second where this table takes thousands.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib import resources
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from wakit.store.sqlite import open_database, transaction, translated

#: Pages that a commit touches are spread over the whole tree: keep many of them, and copy them back rarely.
_TUNING = ("PRAGMA cache_size = -32768", "PRAGMA wal_autocheckpoint = 4000")

_INSERT = "INSERT INTO claim VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
_OWNER = "SELECT account, seq, item FROM claim WHERE key = ?"
_REACH = """
INSERT INTO reach VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET seq = excluded.seq, item = excluded.item WHERE (excluded.seq, excluded.item) > (seq, item)
"""
_BEYOND = "SELECT 1 FROM reach WHERE account = ? AND (seq, item) >= (?, ?)"
_RELEASE = "DELETE FROM claim WHERE account = ? AND (seq, item) >= (?, ?)"
_PULL_BACK = "DELETE FROM reach WHERE account = ?"


class Claim(NamedTuple):
    """One row that wants its key."""

    key: bytes
    #: Number of the account in the store.
    account: int
    #: Journal entry.
    seq: int
    #: Which row of that entry.
    item: int


class KeySet:
    """
    Keys and their owners in one SQLite file; may be used from several threads.

    Raises:
        UnsafePath, WorkspaceNotWritable, CorruptFile, StorageFull: The file
            cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._read_lock = threading.Lock()
        schema = [resources.files("wakit.store").joinpath("keyset.sql").read_text("utf-8")]
        self._db = open_database(path, schema)
        for pragma in _TUNING:
            self._db.execute(pragma).fetchall()
        # A connection of its own: looking one key up must not wait for a bulk claim.
        self._reader = open_database(path, schema)

    def close(self) -> None:
        with self._lock, self._read_lock:
            self._reader.close()
            self._db.close()

    def claim(self, claims: Sequence[Claim]) -> list[bool]:
        """
        Claim keys of one account in one flushed commit; return which claims own their key.

        Among equal keys the first one wins, here as between calls.
        """
        if not claims:
            return []
        last = max(claims, key=itemgetter(2, 3))
        with self._lock, translated(self._path):
            with transaction(self._db):
                before = self._db.total_changes
                # Neighbours share pages, and sorting is stable: the first of equal keys stays first.
                self._db.executemany(_INSERT, sorted(claims, key=itemgetter(0)))
                claimed = self._db.total_changes - before
                self._db.execute(_REACH, last[1:])
            if claimed == len(claims):
                return [True] * len(claims)
            return [tuple(self._db.execute(_OWNER, (claim.key,)).fetchone()) == claim[1:] for claim in claims]

    def owner(self, key: bytes) -> tuple[int, int, int] | None:
        """Return account, entry and item of a key's owner."""
        with self._read_lock, translated(self._path):
            row = self._reader.execute(_OWNER, (key,)).fetchone()
        return None if row is None else (row[0], row[1], row[2])

    def release(self, account: int, seq: int, item: int) -> None:
        """
        Give up the claims of an account from row (*seq*, *item*) on: they never became rows.

        Without it a power cut could lose a message: the journal forgets the entry
        that claimed it, and when it is delivered again the claim says it is old.
        """
        with self._lock, translated(self._path), transaction(self._db):
            if self._db.execute(_BEYOND, (account, seq, item)).fetchone() is not None:
                self._db.execute(_RELEASE, (account, seq, item))
                self._db.execute(_PULL_BACK, (account,))

    def __len__(self) -> int:
        with self._read_lock, translated(self._path):
            (count,) = self._reader.execute("SELECT count(*) FROM claim").fetchone()
        return int(count)
