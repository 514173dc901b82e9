"""A damaged journal gives back what was committed before the damage, names it, and goes on behind it (F03)."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from wakit.errors import CorruptFile
from wakit.session.journal import Entry, EventCode, Journal
from wakit.session.wal import PAGE_SIZE

ROWS = 60


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """Return the files of a journal as SIGKILL leaves them: rows only in the log, no checkpoint."""
    journal = Journal(tmp_path / "alive")
    for number in range(1, ROWS + 1):
        journal.append(17, f"row {number} ".encode() * 20)
    copy = tmp_path / "ana"
    shutil.copytree(tmp_path / "alive", copy)
    journal.close()
    return copy


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """Return the files of a journal that was closed: everything in the main file."""
    journal = Journal(tmp_path / "ana")
    for number in range(1, ROWS + 1):
        journal.append(17, f"row {number} ".encode() * 20)
    journal.close()
    return tmp_path / "ana"


def opened(folder: Path, use: Callable[[Journal], list[Entry]]) -> list[Entry]:
    journal = Journal(folder)
    try:
        return use(journal)
    finally:
        journal.close()


def read_all(journal: Journal) -> list[Entry]:
    return journal.read(0, 10_000)


def sound(entries: list[Entry]) -> list[int]:
    """Return the numbers of the good rows, each checked against what was written under that number."""
    good = [entry for entry in entries if entry.code == 17]
    assert all(entry.payload == f"row {entry.seq} ".encode() * 20 for entry in good)
    return [entry.seq for entry in good]


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)


def test_F03_a_lost_index_costs_nothing(crashed: Path) -> None:
    """Without the -shm file every row is read."""
    (crashed / "journal.db-shm").unlink()
    assert sound(opened(crashed, read_all)) == list(range(1, ROWS + 1))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.2, 0.5, 0.77, 0.98, 0.9999])
def test_F03_a_truncated_log_gives_the_rows_before_the_cut(crashed: Path, share: float) -> None:
    """Wherever the log is cut off, the rows before the cut are read and new ones can be written."""
    log = crashed / "journal.db-wal"
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * share)])
    rows = sound(opened(crashed, read_all))
    assert rows == list(range(1, len(rows) + 1))
    assert len(rows) >= int(ROWS * share) - 3
    assert opened(crashed, lambda journal: journal.read(journal.append(17, b"new") - 1, 1))[0].payload == b"new"


@pytest.mark.parametrize("seed", range(12))
def test_F03_a_flipped_byte_in_the_log_is_named_and_later_rows_are_read(crashed: Path, seed: int) -> None:
    """One flipped byte anywhere in the log: at most a page of rows is missing, the file is named and kept aside."""
    log = crashed / "journal.db-wal"
    flip(log, random.Random(seed).randrange(0, log.stat().st_size - PAGE_SIZE * 2))
    entries = opened(crashed, read_all)
    damaged = [json.loads(entry.payload) for entry in entries if entry.code == EventCode.DAMAGED]
    rows = sound(entries)
    if not damaged:  # a byte that SQLite does not read
        assert rows == list(range(1, ROWS + 1))
        return
    kept = crashed / damaged[0]["file"]
    assert kept.name.startswith("journal.db-wal.damaged-")
    assert kept.is_file()
    assert len(rows) >= ROWS - 2 * PAGE_SIZE // 140
    assert max(rows) == ROWS


def test_F03_a_flipped_byte_in_a_row_is_named_and_later_rows_are_read(closed: Path) -> None:
    """A wrong byte in a payload is found by its checksum; only that row is missing and it is named."""
    path = closed / "journal.db"
    flip(path, path.read_bytes().index(b"row 30 row 30"))
    entries = opened(closed, read_all)
    assert sound(entries) == [number for number in range(1, ROWS + 1) if number != 30]
    damage = next(entry for entry in entries if entry.code == EventCode.DAMAGED)
    assert (damage.seq, json.loads(damage.payload)) == (30, {"file": "journal.db", "reason": "checksum"})


def test_F03_an_unreadable_page_is_named_and_later_rows_are_read(closed: Path) -> None:
    """A page that SQLite cannot read costs its rows; each is named and reading goes on behind them."""
    path = closed / "journal.db"
    page = path.read_bytes().index(b"row 30 row 30") // PAGE_SIZE
    data = bytearray(path.read_bytes())
    data[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = b"\xff" * PAGE_SIZE
    path.write_bytes(data)
    entries = opened(closed, read_all)
    damaged = [entry.seq for entry in entries if entry.code == EventCode.DAMAGED]
    assert 30 in damaged
    assert len(damaged) < PAGE_SIZE // 140 + 2
    assert sorted([*sound(entries), *damaged]) == list(range(1, ROWS + 1))
    assert [entry.seq for entry in entries] == sorted(entry.seq for entry in entries)


def test_F03_a_damaged_part_is_named_and_later_rows_are_read(tmp_path: Path) -> None:
    """A compressed part that cannot be unpacked becomes one entry that names it; the live rows follow."""
    journal = Journal(tmp_path / "ana", rotate_at=1)
    for number in range(1, 11):
        journal.append(17, f"row {number} ".encode() * 20)
    journal.rotate(5)
    journal.close()
    part = tmp_path / "ana" / "journal-1-5.db.zst"
    flip(part, part.stat().st_size // 2)
    entries = opened(tmp_path / "ana", read_all)
    assert [entry.seq for entry in entries] == [5, 6, 7, 8, 9, 10]
    assert json.loads(entries[0].payload)["file"] == "journal-1-5.db.zst"


@pytest.mark.parametrize("content", [b"not a database, however long it is" * 200, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_F03_a_file_that_is_no_journal_is_named_and_left(tmp_path: Path, content: bytes) -> None:
    """A file that cannot be opened at all is a CorruptFile with its path and the next step; it is not touched."""
    folder = tmp_path / "ana"
    folder.mkdir(mode=0o700)
    path = folder / "journal.db"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(CorruptFile, match="Move it away") as caught:
        Journal(folder)
    assert caught.value.data["path"] == str(path)
    assert path.read_bytes() == content
    assert sorted(item.name for item in folder.iterdir()) == ["journal.db"]
