"""
The journal of one account: every event as it came, the truth that everything else is rebuilt from.

A received event exists once its row is committed here: WhatsApp has been told
"received" already and will not send it again. One row is one commit (about
20 µs, SIGKILL-proof); the log behind it is flushed within ``flush`` seconds, so
a power cut costs at most that much. The worker (library events) and the host
(states, gaps, sends) append to the same file.

Rows that the store has drained are moved to compressed parts
(``journal-<first>-<last>.db.zst``), which ``read`` goes through as if nothing had
happened. Each row has a checksum and the number behind that of the one before
it. What cannot be read, or is not there, becomes an entry with the code
``DAMAGED`` that names the file and the numbers, and reading goes on behind it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sqlite3
import stat
import tempfile
import threading
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import tenacity

from wakit.clock import Clock, SystemClock
from wakit.errors import CorruptFile, StorageFull, UnsafePath, WakitError, WorkspaceNotWritable
from wakit.paths import private_dir
from wakit.session.entries import Entry, EventCode, in_order, is_sound, row_of
from wakit.session.parts import Part, pack, part_of, parts_in, unpack
from wakit.session.wal import PAGE_SIZE, Flusher, committed_frames, flush, mended

__all__ = ["Entry", "EventCode", "Journal"]

NAME = "journal.db"
#: Most bytes that one ``read`` returns; a history sync is one row of many megabytes.
READ_BYTES = 32 * 2**20

_BUSY_SECONDS = 10.0
_COLUMNS = "seq, code, at, crc, payload"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS {schema}event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    code INTEGER NOT NULL,
    at INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    payload BLOB NOT NULL
)
"""
_INSERT = "INSERT INTO event (code, at, crc, payload) VALUES (?, ?, ?, ?)"


class Journal:
    """
    An open journal; one object per process and use, safe to share between threads.

    Args:
        directory: Private folder of the account; made when missing.
        flush: Seconds after which an appended row also survives a power cut.
        rotate_at: Bytes of live rows below which ``rotate`` does nothing.
        read_only: Only look, while others may be writing: nothing is made,
            recovered or written.

    Raises:
        CorruptFile: The file is no journal; it was left as it is.
        WorkspaceNotWritable: The folder or file cannot be written.
    """

    def __init__(
        self,
        directory: Path,
        *,
        flush: float = 0.05,
        rotate_at: int = 64 * 2**20,
        clock: Clock | None = None,
        read_only: bool = False,
    ) -> None:
        self.directory = private_dir(directory)
        self.path = directory / NAME
        self._flush = flush
        self._rotate_at = rotate_at
        self._clock = clock or SystemClock()
        self._lock = threading.RLock()
        self._flusher: Flusher | None = None
        self._flush_error: Exception | None = None
        self._part: tuple[Part, sqlite3.Connection] | None = None
        if read_only:
            with self._mapped_errors():
                self._db = _connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
            return
        _create_private(self.path)
        log = self.path.with_name(f"{NAME}-wal")
        expected = committed_frames(log)
        with self._mapped_errors():
            self._db = _open(self.path)
            taken = int(self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])
        if 0 <= taken < expected and committed_frames(log) == expected:
            self._recover(log)

    # Writing

    def append(self, code: int, payload: bytes, at: datetime | None = None) -> int:
        """
        Commit one row and return its number; from then on it survives a killed process.

        Raises:
            StorageFull: The disk is full.
            CorruptFile: The file is damaged where it would be written.
        """
        row = row_of(code, payload, at or self._clock.now())
        with self._lock, self._mapped_errors():
            self._ready()
            seq = self._db.execute(_INSERT, row).lastrowid
            self._touch(len(payload))
        assert seq is not None
        return seq

    def append_many(self, rows: Iterable[tuple[int, bytes, datetime | None]]) -> int:
        """Commit several rows in one transaction and return the number of the last one."""
        now = self._clock.now()
        with self._lock, self._mapped_errors():
            self._ready()
            made = [row_of(code, payload, at or now) for code, payload, at in rows]
            with self._transaction():
                self._db.executemany(_INSERT, made)
            self._touch(sum(len(row[-1]) for row in made))
            return self.last_seq

    def reserve(self, through: int) -> bool:
        """
        Never give out a number up to *through* again, and return whether that had to be arranged.

        The store may have drained rows that a power cut then took from here.
        Were their numbers given out again, the new rows would count as drained.
        """
        with self._lock, self._mapped_errors():
            if through <= self.last_seq:
                return False
            with self._transaction():
                self._db.execute("DELETE FROM sqlite_sequence WHERE name = 'event'")
                self._db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", (through,))
            return True

    def flush(self) -> None:
        """
        Make everything that anybody has appended so far survive a power cut, before returning.

        Raises:
            StorageFull, WorkspaceNotWritable: The disk does not take it.
        """
        with self._mapped_errors():
            flush(self.path.with_name(f"{NAME}-wal"))

    def close(self) -> None:
        """Flush and close; closing twice is fine."""
        with self._lock:
            if self._flusher is not None:
                self._flusher.close()
                self._flusher = None
            self._close_part()
            self._db.close()

    # Reading

    @property
    def last_seq(self) -> int:
        """The highest number ever given out, 0 in an empty journal."""
        with self._lock, self._mapped_errors():
            row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
        return int(row[0]) if row else 0

    @property
    def first_seq(self) -> int:
        """The lowest number that can still be read, 0 in an empty journal."""
        parts = parts_in(self.directory)
        return parts[0].first if parts else self._first_live() or 0

    def read(self, after: int, limit: int, size: int = READ_BYTES) -> list[Entry]:
        """
        Return the next entries behind number *after*, at most *limit* or some *size* bytes of them, in order.

        Rotated parts are read like the live file. A damaged row comes as an
        entry with the code ``DAMAGED``.

        Raises:
            CorruptFile: Not even the range of the numbers can be read.
        """
        entries: list[Entry] = []
        parts = parts_in(self.directory)
        for part in parts:
            if part.last > after and len(entries) < limit:
                entries += self._read_part(part, entries[-1].seq if entries else after, limit - len(entries), size)
        rotated = parts[-1].last if parts else 0
        if len(entries) < limit and sum(len(e.payload) for e in entries) < size:
            live = self._read_live(max(entries[-1].seq if entries else after, rotated), limit - len(entries), size)
            if any(entry.code == EventCode.DAMAGED for entry in live) and parts_in(self.directory) != parts:
                return self.read(after, limit, size)  # they are not missing: another process rotated them meanwhile
            entries += live
        return entries

    def newest(self, codes: Iterable[int] = ()) -> Entry | None:
        """Return the newest live entry, or the newest with one of these codes."""
        wanted = ", ".join(str(int(code)) for code in codes)
        where = f"WHERE code IN ({wanted}) " if wanted else ""
        query = f"SELECT {_COLUMNS} FROM event {where}ORDER BY seq DESC LIMIT 1"  # noqa: S608 - integers only
        with self._lock, self._mapped_errors():
            row = self._db.execute(query).fetchone()
        return Entry.from_row(row, NAME) if row else None

    def holding(self, code: int, part: bytes, after: int) -> list[Entry]:
        """Return the live entries behind number *after* with this code and these bytes in them, while others go on writing."""
        query = f"SELECT {_COLUMNS} FROM event WHERE seq > ? AND code = ? AND instr(payload, ?) ORDER BY seq"  # noqa: S608
        with self._mapped_errors(), contextlib.closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as db:
            return [Entry.from_row(row, NAME) for row in db.execute(query, (after, int(code), part))]

    def rotate(self, drained_through: int) -> bool:
        """
        Move the rows up to *drained_through* to a compressed part, if the live file has grown enough.

        The part is complete on disk before a row leaves the live file, so a
        crash in between leaves rows twice, and ``read`` returns them once.

        Returns:
            Whether a part was written.
        """
        with self._lock, self._mapped_errors():
            rotated = max((part.last for part in parts_in(self.directory)), default=0)
            self._db.execute("DELETE FROM event WHERE seq <= ?", (rotated,))
            first, last = self._db.execute("SELECT min(seq), max(seq) FROM event WHERE seq <= ?", (drained_through,)).fetchone()
            if first is None or self._live_bytes() < self._rotate_at:
                return False
            self._write_part(first, last)
            self._db.execute("DELETE FROM event WHERE seq <= ?", (last,))
            return True

    # How it is done

    def _ready(self) -> None:
        if self._flush_error is not None:
            raise self._flush_error
        if self._flusher is None:
            log = self.path.with_name(f"{NAME}-wal")
            self._flusher = Flusher(log, self._flush, self._checkpoint, self._flush_failed)

    def _checkpoint(self) -> None:
        """Copy the log into the file, on a connection of the flushing thread, while others go on writing."""
        with contextlib.closing(sqlite3.connect(self.path, timeout=_BUSY_SECONDS)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _flush_failed(self, exc: Exception) -> None:
        self._flush_error = exc

    def _touch(self, size: int) -> None:
        if self._flusher is not None:
            self._flusher.touch(size)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextlib.contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise _mapped(exc, self.path) from exc
        except OSError as exc:
            if exc.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull(path=str(self.path)) from exc
            raise _unwritable(self.path, str(exc.strerror)) from exc

    def _first_live(self) -> int | None:
        with self._lock, self._mapped_errors():
            row = self._db.execute("SELECT min(seq) FROM event").fetchone()
        return None if row[0] is None else int(row[0])

    def _live_bytes(self) -> int:
        pages, free = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
        return int((pages - free) * PAGE_SIZE)

    def _read_live(self, after: int, limit: int, size: int) -> list[Entry]:
        with self._lock:
            try:
                with self._snapshot():
                    return list(_rows(self._db, NAME, after, limit, size, self.last_seq))
            except (sqlite3.DatabaseError, OverflowError):
                with self._mapped_errors():
                    return self._one_by_one(after, limit)

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Let the highest number and the rows be those of one moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("ROLLBACK")

    def _one_by_one(self, after: int, limit: int) -> list[Entry]:
        """Read around pages that SQLite cannot read."""
        entries: list[Entry] = []
        for seq in range(after + 1, self.last_seq + 1):
            try:
                row = self._db.execute(f"SELECT {_COLUMNS} FROM event WHERE seq = ?", (seq,)).fetchone()  # noqa: S608 - constants
                entries.append(Entry.from_row(row, NAME) if row else Entry.damaged(seq, NAME, "missing"))
            except (sqlite3.DatabaseError, OverflowError) as exc:
                entries.append(Entry.damaged(seq, NAME, str(exc)))
            if len(entries) >= limit:
                break
        return entries

    # Parts

    def _read_part(self, part: Part, after: int, limit: int, size: int) -> list[Entry]:
        with self._lock:
            try:
                return list(_rows(self._opened(part), part.path.name, after, limit, size, part.last))
            except (sqlite3.DatabaseError, ValueError, OverflowError) as exc:
                return [Entry.damaged(part.last, part.path.name, str(exc), first=part.first, last=part.last)]

    def _opened(self, part: Part) -> sqlite3.Connection:
        if self._part is not None and self._part[0] == part:
            return self._part[1]
        self._close_part()
        db = sqlite3.connect(":memory:", check_same_thread=False)
        self._part = (part, db)
        db.deserialize(unpack(part))
        return db

    def _close_part(self) -> None:
        if self._part is not None:
            self._part[1].close()
            self._part = None

    def _write_part(self, first: int, last: int) -> None:
        with tempfile.TemporaryDirectory(prefix=".rotate-", dir=self.directory) as folder:
            plain = Path(folder, NAME)
            self._db.execute("ATTACH ? AS part", (str(plain),))
            try:
                self._db.execute(_SCHEMA.format(schema="part."))
                self._db.execute("INSERT INTO part.event SELECT * FROM main.event WHERE seq <= ?", (last,))
            finally:
                self._db.execute("DETACH part")
            pack(plain, part_of(self.directory, first, last))

    # Damage

    def _recover(self, log: Path) -> None:
        """Keep the damaged log aside and take over what can still be read behind the damage."""
        kept = self.directory / f"{log.name}.damaged-{self._clock.now():%Y%m%dT%H%M%S}"
        shutil.copy2(log, kept)
        good = self.last_seq
        rows = _behind_damage(self.path, kept, good)
        with self._lock, self._mapped_errors(), self._transaction():
            for row in rows:
                if is_sound(row):
                    self._db.execute(f"INSERT OR IGNORE INTO event ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)  # noqa: S608 - constants
        note = {"file": kept.name, "reason": "log checksum", "after": good, "recovered": len(rows)}
        self.append(EventCode.DAMAGED, json.dumps(note).encode())


def _behind_damage(path: Path, log: Path, after: int) -> list[Any]:
    """Read the rows behind the damage from a copy whose log has mended checksums."""
    with tempfile.TemporaryDirectory(prefix=".recover-", dir=path.parent) as folder:
        copy = Path(folder, NAME)
        shutil.copyfile(path, copy)
        copy.with_name(f"{NAME}-wal").write_bytes(mended(log))
        rows: list[Any] = []
        try:
            with contextlib.closing(sqlite3.connect(copy)) as db:
                last = int(db.execute("SELECT max(seq) FROM sqlite_sequence").fetchone()[0] or 0)
                for seq in range(after + 1, last + 1):
                    with contextlib.suppress(sqlite3.DatabaseError):
                        rows += db.execute(f"SELECT {_COLUMNS} FROM event WHERE seq = ?", (seq,)).fetchall()  # noqa: S608 - constants
        except sqlite3.DatabaseError:
            return rows
        return rows


def _rows(db: sqlite3.Connection, file: str, after: int, limit: int, size: int, through: int) -> Iterator[Entry]:
    read = 0
    query = f"SELECT {_COLUMNS} FROM event WHERE seq > ? ORDER BY seq"  # noqa: S608 - constants
    with contextlib.closing(db.execute(query, (after,))) as cursor:
        for count, entry in enumerate(in_order(cursor, file, after, through), start=1):
            yield entry
            read += len(entry.payload)
            if read >= size or count == limit:
                return


def _is_busy(exc: BaseException) -> bool:
    return isinstance(exc, sqlite3.OperationalError) and exc.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


@tenacity.retry(
    retry=tenacity.retry_if_exception(_is_busy),
    stop=tenacity.stop_after_delay(_BUSY_SECONDS),
    wait=tenacity.wait_random(0.001, 0.02),
    reraise=True,
)
def _log_ahead(db: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite does not wait where two that create the file both want to."""
    db.execute("PRAGMA journal_mode = WAL")


def _connect(name: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(name, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri)


def _open(path: Path) -> sqlite3.Connection:
    db = _connect(str(path))
    try:
        db.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        _log_ahead(db)
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute(f"PRAGMA journal_size_limit = {16 * 2**20}")
        db.execute(_SCHEMA.format(schema=""))
    except BaseException:
        db.close()
        raise
    return db


def _create_private(path: Path) -> None:
    """
    Make the file 0600 before SQLite does, or check it.

    An existing file is looked at without opening it: closing a descriptor
    would drop the locks that another connection of this process holds on it.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError:
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_nlink > 1 or info.st_uid != os.getuid() or info.st_mode & 0o077:
            msg = f"{str(path)!r} was not opened: it is a link, or other users can reach it. Run: chmod 600 {path}"
            raise UnsafePath(msg, path=str(path)) from None
    except OSError as exc:
        raise _unwritable(path, str(exc.strerror)) from exc


def _unwritable(path: Path, why: str) -> WorkspaceNotWritable:
    msg = f"{str(path)!r} cannot be written to ({why}). Check its owner and permissions."
    return WorkspaceNotWritable(msg, path=str(path))


def _mapped(exc: sqlite3.Error, path: Path) -> WakitError:
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and shutil.disk_usage(path.parent).free < 2**16):
        return StorageFull(path=str(path))
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        msg = (
            f"The journal {str(path)!r} is damaged ({exc}). It was left as it is. Move it away to start a new one: "
            "what the store has drained from it stays where it is."
        )
        return CorruptFile(msg, path=str(path))
    return _unwritable(path, str(exc))
