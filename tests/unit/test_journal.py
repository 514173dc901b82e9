"""The journal keeps every event in order, for several writers, and across rotation and SIGKILL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wakit.clock import ManualClock
from wakit.errors import StorageFull, UnsafePath, WorkspaceNotWritable
from wakit.session import journal as journal_module
from wakit.session.journal import Entry, EventCode, Journal

START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ana"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    opened = Journal(folder, clock=ManualClock(START), rotate_at=1)
    yield opened
    opened.close()


def fill(journal: Journal, count: int, size: int = 100) -> None:
    for number in range(journal.last_seq + 1, journal.last_seq + count + 1):
        journal.append(17, f"{number}".encode().ljust(size, b"."))


def numbers(entries: list[Entry]) -> list[int]:
    return [entry.seq for entry in entries]


def test_an_empty_journal_has_nothing_to_read(journal: Journal) -> None:
    """A fresh journal reads as empty and counts from zero."""
    assert (journal.first_seq, journal.last_seq, journal.read(0, 10), journal.newest()) == (0, 0, [], None)


def test_appended_rows_come_back_as_they_were(journal: Journal) -> None:
    """Number, code, time to the microsecond and bytes are exactly those that were appended."""
    at = START.replace(microsecond=123457)
    assert journal.append(17, b"\x00\xffraw") == 1
    assert journal.append(EventCode.STATE, b"{}", at=at) == 2
    assert journal.read(0, 10) == [
        Entry(seq=1, code=17, at=START, payload=b"\x00\xffraw"),
        Entry(seq=2, code=1000, at=at, payload=b"{}"),
    ]
    assert journal.read(1, 10)[0].seq == 2
    assert journal.newest([17]).seq == 1  # type: ignore[union-attr]


def test_many_rows_are_one_transaction(journal: Journal) -> None:
    """append_many commits all rows together and none when one of them is refused."""
    assert journal.append_many([(17, b"a", None), (18, b"b", START)]) == 2
    with pytest.raises(Exception, match="bytes-like"):
        journal.append_many([(17, b"c", None), (17, object(), None)])  # type: ignore[list-item]
    assert journal.last_seq == 2


def test_files_are_private(journal: Journal, folder: Path) -> None:
    """The journal, its log and its index can be read by their owner only."""
    journal.append(17, b"x")
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "journal.db": 0o600,
        "journal.db-wal": 0o600,
        "journal.db-shm": 0o600,
    }


@pytest.mark.parametrize("make", [lambda p: p.symlink_to("/etc/hostname"), lambda p: (p.touch(), p.chmod(0o644))])
def test_a_link_or_a_readable_file_is_refused(folder: Path, make: object) -> None:
    """A journal that is a link, or that others can read, is not opened."""
    folder.mkdir(mode=0o700)
    make(folder / "journal.db")  # type: ignore[operator]
    with pytest.raises(UnsafePath, match="was not opened"):
        Journal(folder)


def test_a_read_returns_a_bounded_number_of_bytes(journal: Journal) -> None:
    """Rows of many megabytes do not come a thousand at a time; the next read goes on behind them."""
    fill(journal, 7)
    assert numbers(journal.read(0, 1000, 250)) == [1, 2, 3]
    assert numbers(journal.read(3, 1000, 250)) == [4, 5, 6]


# Rotation


def test_rotation_moves_drained_rows_and_reading_goes_on(journal: Journal, folder: Path) -> None:
    """Only drained rows leave the live file, and a reader does not notice that they did."""
    fill(journal, 10)
    assert journal.rotate(drained_through=6)
    fill(journal, 4)
    assert journal.rotate(drained_through=8)
    assert sorted(path.name for path in folder.glob("*.zst")) == ["journal-1-6.db.zst", "journal-7-8.db.zst"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.glob("*.zst"))
    assert numbers(journal.read(0, 100)) == list(range(1, 15))
    assert [numbers(journal.read(after, 3)) for after in (0, 5, 7)] == [[1, 2, 3], [6, 7, 8], [8, 9, 10]]
    assert journal.read(0, 1)[0].payload.startswith(b"1.")
    assert (journal.first_seq, journal.last_seq) == (1, 14)


def test_numbers_are_never_given_out_twice(journal: Journal) -> None:
    """After all rows were rotated away the next one still gets the next number."""
    fill(journal, 3)
    journal.rotate(3)
    assert journal.append(17, b"next") == 4


def test_a_small_or_undrained_journal_is_not_rotated(folder: Path) -> None:
    """Nothing is rotated below the size limit, nor rows that the store has not drained."""
    journal = Journal(folder, rotate_at=2**20)
    fill(journal, 5)
    assert not journal.rotate(5)
    journal.close()
    small = Journal(folder, rotate_at=1)
    assert not small.rotate(0)
    small.close()


def test_a_crash_between_part_and_deletion_returns_rows_once(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are in a part and still in the live file are read once, and leave it at the next rotation."""
    fill(journal, 5)
    real = Journal._write_part

    def crash(self: Journal, first: int, last: int) -> None:
        real(self, first, last)
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "_write_part", crash)
    with pytest.raises(KeyboardInterrupt):
        journal.rotate(3)
    monkeypatch.undo()
    assert numbers(journal.read(0, 100)) == [1, 2, 3, 4, 5]
    assert journal.rotate(4)
    assert numbers(journal.read(0, 100)) == [1, 2, 3, 4, 5]
    assert journal._first_live() == 5


def test_reserved_numbers_are_skipped(journal: Journal) -> None:
    """When the store has drained further than the journal remembers, new rows start behind that."""
    fill(journal, 3)
    assert journal.reserve(through=3) is False
    assert journal.reserve(through=7) is True
    assert journal.append(17, b"x") == 8


# Several writers, and death

WRITER = """
import sys
from pathlib import Path
from wakit.session.journal import Journal
journal = Journal(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2])):
    seq = journal.append(17, f"{sys.argv[3]} {number}".encode())
    print(seq, flush=True)
"""


def writer(folder: Path, count: int, name: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(Path(journal_module.__file__).parents[2])}
    command = [sys.executable, "-c", WRITER, str(folder), str(count), name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_processes_append_without_losing_a_row(folder: Path) -> None:
    """Worker and host append at once: every row is there once, and each writer's rows are in its order."""
    processes = [writer(folder, 300, name) for name in ("worker", "host")]
    for process in processes:
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
    assert [process.communicate(timeout=60) and process.returncode for process in processes] == [0, 0]
    journal = Journal(folder)
    told = [entry.payload.decode().split() for entry in journal.read(0, 1000)]
    journal.close()
    for name in ("worker", "host"):
        assert [int(number) for who, number in told if who == name] == list(range(300))


def test_two_processes_may_create_it_at_once(folder: Path) -> None:
    """Two openers of a journal that does not exist yet both succeed, ten times in a row."""
    failures: list[BaseException] = []

    def open_and_append(path: Path) -> None:
        try:
            journal = Journal(path)
            journal.append(17, b"x")
            journal.close()
        except BaseException as exc:
            failures.append(exc)

    for attempt in range(10):
        path = folder.with_name(f"race{attempt}")
        threads = [threading.Thread(target=open_and_append, args=(path,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        journal = Journal(path)
        assert journal.last_seq == 4
        journal.close()
    assert failures == []


def test_a_killed_writer_loses_nothing_that_was_committed(folder: Path) -> None:
    """SIGKILL in full flight, five times: every row whose number was returned is read back."""
    for _ in range(5):
        process = writer(folder, 100_000, "worker")
        process.stdin.write("go\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        told = [process.stdout.readline() for _ in range(200)]  # type: ignore[union-attr]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()  # type: ignore[union-attr]
        process.communicate(timeout=10)
        acknowledged = {int(line) for line in told if line.endswith("\n")}
        journal = Journal(folder)
        assert acknowledged <= set(numbers(journal.read(min(acknowledged) - 1, 200_000)))
        journal.close()


# Durability and a full disk


def test_rows_are_flushed_within_the_promised_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An appended row is flushed to the disk by the background thread, without anybody asking."""
    flushed = threading.Event()
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda fd: (real(fd), flushed.set()))
    journal = Journal(folder, flush=0.05)
    journal.append(17, b"x")
    assert flushed.wait(timeout=1.0)
    journal.close()


def test_a_failing_flush_refuses_the_next_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails to flush is told by the next append, not swallowed in a thread."""
    failed = threading.Event()

    def broken(fd: int) -> None:
        failed.set()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdatasync", broken)
    journal = Journal(folder)
    journal.append(17, b"x")
    assert failed.wait(timeout=1.0)
    journal._flusher._thread.join(timeout=1.0)  # type: ignore[union-attr]
    with pytest.raises(StorageFull):
        journal.append(17, b"y")
    monkeypatch.undo()
    journal.close()


def test_a_full_disk_is_told_and_the_rows_before_it_stay(journal: Journal) -> None:
    """When the file cannot grow, append raises StorageFull and what was there can still be read."""
    fill(journal, 3)
    journal._db.execute(f"PRAGMA max_page_count = {journal._db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StorageFull, match="disk is full"):
        journal.append(17, b"x" * 100_000)
    assert numbers(journal.read(0, 10)) == [1, 2, 3]


def test_an_unwritable_folder_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without write permission is a typed error that names it; nothing is made in it."""
    folder.mkdir(mode=0o700)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(WorkspaceNotWritable, match=str(folder)):
        Journal(folder)
    assert list(folder.iterdir()) == []
