"""
The key set: what makes ingest idempotent.

Each row that may come twice has a 16-byte key (``ids.dedupe_key``). The first
row to claim it owns it for good; the value names that row by journal entry, so
the same entry read again after a crash is new again, and every other row with
that key is a duplicate. DuckDB cannot do this: at 10 million rows its primary
key takes 11 upserts a second.

Keys are hashes, so a plain tree of them touches another page with each insert,
and what a batch costs grows with the tree. Here new claims are appended (and
kept in memory as well), moved in sorted bulk into a segment of bounded size,
and a Bloom filter for each segment spares the search for keys that are new, which
nearly all are. So a batch costs the same whatever is stored.
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from wakit.store.bloom import Bloom, positions
from wakit.store.sqlite import open_database, transaction, translated

#: Claims in memory and in the table ``fresh`` before they are moved into a segment.
FRESH = 50_000
#: Claims that one statement adds: another thread may take the interpreter at each, and keep it for five milliseconds.
TOGETHER = 1_000
#: Keys of a full segment.
SEGMENT = 1_000_000

Owner = tuple[int, int, int]

_APPEND = "INSERT INTO fresh VALUES {}"
_VALUES = "(?, ?, ?, ?)"
_MOVE = "INSERT INTO claim SELECT ?, key, account, seq, item FROM fresh ORDER BY key"
_GROW = """
INSERT INTO segment VALUES (:no, :keys, :bloom)
ON CONFLICT DO UPDATE SET keys = keys + excluded.keys, bloom = excluded.bloom
"""
_OWNER = "SELECT account, seq, item FROM claim WHERE segment = ? AND key = ?"
_REACH = """
INSERT INTO reach VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET seq = excluded.seq, item = excluded.item WHERE (excluded.seq, excluded.item) > (seq, item)
"""
_BEYOND = "SELECT 1 FROM reach WHERE account = ? AND (seq, item) >= (?, ?)"
_RELEASE = (
    "DELETE FROM fresh WHERE account = ? AND (seq, item) >= (?, ?)",
    "DELETE FROM claim WHERE account = ? AND (seq, item) >= (?, ?)",
)
_PULL_BACK = "DELETE FROM reach WHERE account = ?"
_COUNT = "SELECT (SELECT count(*) FROM fresh) + (SELECT count(*) FROM claim)"


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
        # A connection of its own: looking one key up must not wait for a bulk claim.
        self._reader = open_database(path, schema)
        with translated(path):
            self._fresh = self._load_fresh()
            segments = self._db.execute("SELECT no, keys, bloom FROM segment ORDER BY no").fetchall()
        self._segments = {no: Bloom(bloom) for no, _, bloom in segments}
        #: Number and size of the segment that is being filled; before the first one, as if one were full.
        self._last: int = segments[-1]["no"] if segments else 0
        self._filled: int = segments[-1]["keys"] if segments else SEGMENT

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
        with self._lock, translated(self._path):
            wanted = [(claim[0], claim[1:]) for claim in claims]
            owners = self._owners(self._db, [key for key, _ in wanted])
            new: dict[bytes, Owner] = {}
            for key, owner in wanted:
                if key not in owners:
                    new.setdefault(key, owner)
            with transaction(self._db):
                self._append(new)
                self._db.execute(_REACH, max(owner for _, owner in wanted))
            self._fresh.update(new)
            if len(self._fresh) >= FRESH:
                self._move()
        owners |= new
        return [owners[key] == owner for key, owner in wanted]

    def owner(self, key: bytes) -> Owner | None:
        """Return account, entry and item of a key's owner."""
        with self._read_lock, translated(self._path):
            return self._owners(self._reader, [key]).get(key)

    def release(self, account: int, seq: int, item: int) -> None:
        """
        Give up the claims of an account from row (*seq*, *item*) on: they never became rows.

        Without it a power cut could lose a message: the journal forgets the entry
        that claimed it, and when it is delivered again the claim says it is old.
        """
        with self._lock, translated(self._path), transaction(self._db):
            if self._db.execute(_BEYOND, (account, seq, item)).fetchone() is not None:
                for statement in _RELEASE:
                    self._db.execute(statement, (account, seq, item))
                self._db.execute(_PULL_BACK, (account,))
                self._fresh = self._load_fresh()

    def __len__(self) -> int:
        with self._read_lock, translated(self._path):
            (count,) = self._reader.execute(_COUNT).fetchone()
        return int(count)

    def _owners(self, connection: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Owner]:
        """Return the owners of those keys that have one."""
        # What is moved while another thread looks is in both places, and never in none.
        fresh = self._fresh
        found = {key: fresh[key] for key in keys if key in fresh}
        probes = positions(keys)
        for no, bloom in list(self._segments.items()):
            suspects: Iterable[int] = bloom.maybe(probes).tolist()
            for key in (keys[index] for index in suspects):
                row = connection.execute(_OWNER, (no, key)).fetchone()
                if row is not None:
                    found[key] = (row["account"], row["seq"], row["item"])
        return found

    def _append(self, new: dict[bytes, Owner]) -> None:
        claims = iter(new.items())
        while together := list(itertools.islice(claims, TOGETHER)):
            statement = _APPEND.format(", ".join([_VALUES] * len(together)))
            self._db.execute(statement, [value for key, owner in together for value in (key, *owner)])

    def _move(self) -> None:
        """Move all fresh claims into the last segment."""
        if self._filled >= SEGMENT:
            self._last, self._filled = self._last + 1, 0
        bloom = Bloom(bytes(self._segments[self._last])) if self._last in self._segments else Bloom()
        bloom.add(positions(list(self._fresh)))
        with transaction(self._db):
            self._db.execute(_MOVE, (self._last,))
            self._db.execute("DELETE FROM fresh")
            self._db.execute(_GROW, {"no": self._last, "keys": len(self._fresh), "bloom": bytes(bloom)})
        self._segments[self._last] = bloom
        self._filled += len(self._fresh)
        self._fresh = {}

    def _load_fresh(self) -> dict[bytes, Owner]:
        return {key: (account, seq, item) for key, account, seq, item in self._db.execute("SELECT * FROM fresh")}
