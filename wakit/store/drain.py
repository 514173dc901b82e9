"""
The drain: decoded journal entries become rows, exactly once.

One move takes up to ``batch`` rows: addresses are learned, keys claimed (and
flushed), then rows, people and the watermark are committed in one DuckDB
transaction. A crash before that commit leaves claims that the same entries get
back when they come again; a crash after it leaves a watermark that skips them.
A long entry, such as a history sync, is committed in parts, which are larger:
nobody waits for one of its messages, and a transaction costs two flushes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from wakit.errors import InvalidJID
from wakit.model import Raw, Record, SessionStatus
from wakit.store import merge, people_table, placeholders
from wakit.store.changed import Changed
from wakit.store.engine import append, execute, instant, is_usable, rows, transaction, translated
from wakit.store.keyset import Claim, KeySet
from wakit.store.rows import Row, changed_ids, introduce, rows_of, width

#: Where a process can die; a test is told of each.
STEPS = ("read", "key", "begin", "insert", "watermark", "commit", "done")

#: How many times as many rows a part of a long entry may have.
LONG = 10

_MARKS = "SELECT account, seq, part_seq, part FROM core.watermark"
_SET_MARK = "UPDATE core.watermark SET seq = ?, part_seq = ?, part = ? WHERE account = ?"
_FACTS = "UPDATE core.account SET network = ?, phone = coalesce(?, phone), push_name = coalesce(?, push_name) WHERE no = ?"
_LAST_STATE = "SELECT state, epoch_us(since) FROM core.state WHERE account = ? ORDER BY seq DESC, item DESC LIMIT 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A journal entry and what it means."""

    seq: int
    #: When the journal took it: the time of facts that carry none.
    at: datetime
    #: The same records in the same order whenever the entry is decoded.
    records: Iterable[Record]


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a journal was moved: all entries through ``seq``, and ``part`` items of entry ``part_seq``."""

    seq: int = 0
    part_seq: int = 0
    part: int = 0


class Placed(NamedTuple):
    """A record and the place in the journal that its first row has."""

    seq: int
    item: int
    at: datetime
    record: Record


@dataclass(slots=True)
class Chunk:
    """What one transaction moves."""

    placed: list[Placed] = field(default_factory=list)
    items: int = 0
    mark: Mark = field(default_factory=Mark)


class Drain:
    """
    Moves entries into an open database.

    Args:
        path: The database's file, for messages.
        batch: Most rows of one transaction.
        at: Told of each step before it is done.
        changed: Told which messages were changed, when that is committed.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        keys: KeySet,
        path: Path,
        *,
        batch: int,
        at: Callable[[str], None],
        changed: Changed,
    ) -> None:
        self._connection = connection
        self._changed = changed
        self._keys = keys
        self._path = path
        self._batch = batch
        self._at = at
        self._load()

    def _load(self) -> None:
        """Read what is kept in memory: at the start, and after a transaction that failed."""
        self.people = people_table.load(self._connection)
        self._marks = {no: Mark(*mark) for no, *mark in rows(self._connection, _MARKS)}
        self._places = bool(rows(self._connection, placeholders.ANY))

    def mark(self, no: int) -> Mark:
        """Return how far the journal of an account was moved."""
        return self._marks.get(no, Mark())

    def move(self, account: tuple[int, str], entries: Iterable[Decoded]) -> int:
        """Move entries, which come in the journal's order; return the number of the last complete one."""
        for chunk in _chunks(self.mark(account[0]), entries, self._batch):
            try:
                with translated(self._path):
                    self._commit(account, chunk)
            except BaseException:
                if is_usable(self._connection):
                    self._load()
                raise
            self._marks[account[0]] = chunk.mark
        return self.mark(account[0]).seq

    def _commit(self, account: tuple[int, str], chunk: Chunk) -> None:
        no = account[0]
        self._at("read")
        placed = [self._introduced(no, one) for one in chunk.placed]
        changes = self.people.take_changes()
        self._at("key")
        doomed: dict[str, list[merge.Origin]] = defaultdict(list)
        if changes.moved:
            doomed |= merge.doubles(self._connection, self._keys, self.people, account, changes.moved)
            doomed["detail"] = doomed["media"] = doomed["message"]
        found = self._new_rows(account, placed)
        if self._places and "message" in found:
            answered = placeholders.answered(self._connection, self.people, account, found["message"])
            doomed["message"] = [*doomed["message"], *answered]
        self._at("begin")
        with transaction(self._connection):
            self._at("insert")
            people_table.save(self._connection, changes)
            for table, origins in doomed.items():
                if origins:
                    merge.delete(self._connection, no, table, origins)
            for table, new in found.items():
                append(self._connection, f"core.{table}", [row.values for row in new])
            self._note_accounts(no, placed)
            self._at("watermark")
            execute(self._connection, _SET_MARK, [chunk.mark.seq, chunk.mark.part_seq, chunk.mark.part, no])
            self._at("commit")
        self._changed.note(changed_ids(found.get("change", ())))
        self._at("done")

    def _introduced(self, no: int, placed: Placed) -> Placed:
        """Let people learn of a record; one whose addresses or ids are none goes to quarantine."""
        try:
            introduce(self.people, no, placed.at, placed.record)
        except (InvalidJID, UnicodeEncodeError) as exc:
            facts = {"reason": type(exc).__name__, "record": type(placed.record).__name__, "seq": placed.seq}
            account: str = placed.record.account  # type: ignore[attr-defined]
            raw = Raw(account=account, name="quarantine", ts=placed.at, fields=facts)
            return Placed(placed.seq, placed.item, placed.at, raw)
        return placed

    def _new_rows(self, account: tuple[int, str], placed: Iterable[Placed]) -> dict[str, list[Row]]:
        """Return by table the rows that nobody stored before."""
        no, name = account
        made: list[Row] = []
        for seq, item, _, record in placed:
            made += rows_of(self.people, name, no, seq, item, record)
        claims = [Claim(key, no, *values[-2:]) for _, values, key in made if key is not None]
        owned = iter(self._keys.claim(claims))
        found: dict[str, list[Row]] = defaultdict(list)
        for row in made:
            if row.key is None or next(owned):
                found[row.table].append(row)
        if any(placeholders.is_place(row) for row in found["message"]):
            found["message"] = placeholders.without_answered(self._keys, self.people, name, found["message"])
            self._places = True
        if found["state"]:
            found["state"] = self._changed_states(no, found["state"])
        return {table: new for table, new in found.items() if new}

    def _changed_states(self, no: int, states: Iterable[Row]) -> list[Row]:
        """Return the states that differ from the one before: a status is also told when only its details change."""
        last = next(((state, instant(since)) for state, since in rows(self._connection, _LAST_STATE, [no])), None)
        changed = []
        for row in states:
            _, since, state, *_ = row.values
            if (state, since) != last:
                changed.append(row)
                last = (state, since)
        return changed

    def _note_accounts(self, no: int, placed: Iterable[Placed]) -> None:
        for one in placed:
            if isinstance(one.record, SessionStatus):
                status = one.record
                execute(self._connection, _FACTS, [status.network, status.phone, status.push_name, no])


def _chunks(mark: Mark, entries: Iterable[Decoded], batch: int) -> Iterator[Chunk]:
    """Cut entries behind *mark* into what one transaction takes; a long entry is cut as well."""
    chunk = Chunk(mark=mark)
    for entry in entries:
        if entry.seq <= mark.seq:
            continue
        stored = mark.part if entry.seq == mark.part_seq else 0
        item = 0
        for record in entry.records:
            if chunk.items >= (batch if item < batch else batch * LONG):
                chunk.mark = Mark(chunk.mark.seq, entry.seq, item)
                yield chunk
                chunk = Chunk(mark=chunk.mark)
            items = width(record)
            if item >= stored:
                chunk.placed.append(Placed(entry.seq, item, entry.at, record))
                chunk.items += items
            item += items
        chunk.mark = Mark(entry.seq)
    if chunk.mark != mark:
        yield chunk
