"""F03: a damaged journal gives back what was committed before the damage, names it, and goes on behind it."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import stored
from journaled import heard, journal, journaled
from stored import table

from wakit.doctor import examine
from wakit.errors import CorruptFile
from wakit.paths import Workspace
from wakit.session.events import meaning
from wakit.session.journal import Entry, EventCode, Journal
from wakit.session.wal import PAGE_SIZE
from wakit.store import Decoded

pytestmark = pytest.mark.faults

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


def named(entries: list[Entry]) -> list[int]:
    """Return the numbers that are said to be damaged or missing."""
    notes = [(entry.seq, json.loads(entry.payload)) for entry in entries if entry.code == EventCode.DAMAGED]
    spans = [(note.get("first", seq), note.get("last", seq)) for seq, note in notes if "recovered" not in note]
    return [number for first, last in spans for number in range(first, last + 1)]


def flip(path: Path, offset: int) -> None:
    data = bytearray(path.read_bytes())
    data[offset] ^= 0xFF
    path.write_bytes(data)


def test_F03_a_lost_index_costs_nothing(crashed: Path) -> None:
    """Without the -shm file every row is read."""
    (crashed / "journal.db-shm").unlink()
    assert sound(opened(crashed, read_all)) == list(range(1, ROWS + 1))


def test_F03_a_truncated_log_gives_the_rows_before_the_cut(crashed: Path, tmp_path: Path) -> None:
    """Wherever the log is cut off, at each frame and inside it, the rows before the cut are read and new ones can be written."""
    whole = (crashed / "journal.db-wal").read_bytes()
    cuts = [0, 1, 31, 32, *range(32 + 23, len(whole), (PAGE_SIZE + 24) // 3), len(whole) - 1, len(whole)]
    before = 0
    for cut in cuts:
        torn = tmp_path / f"cut{cut}"
        shutil.copytree(crashed, torn)
        (torn / "journal.db-wal").write_bytes(whole[:cut])
        journal = Journal(torn)
        rows = sound(journal.read(0, 1000))
        assert rows == list(range(1, len(rows) + 1))
        assert before <= len(rows) >= ROWS * cut // len(whole) - 3
        assert journal.read(journal.append(17, b"new") - 1, 1)[0].payload == b"new"
        journal.close()
        before = len(rows)
    assert before == ROWS


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
    (kept,) = [crashed / note["file"] for note in damaged if "recovered" in note]
    assert kept.name.startswith("journal.db-wal.damaged-")
    assert kept.is_file()
    assert len(rows) >= ROWS - 2 * PAGE_SIZE // 140
    assert max(rows) == ROWS
    assert sorted([*rows, *named(entries)]) == list(range(1, ROWS + 1))


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


@pytest.mark.parametrize("seed", range(5))
def test_F03_flipped_bits_in_the_file_are_never_silent(closed: Path, tmp_path: Path, seed: int) -> None:
    """Twenty times one flipped bit behind the first page: every number is read as it was written, or named as damaged."""
    chance, whole = random.Random(seed), (closed / "journal.db").read_bytes()
    for attempt in range(20):
        folder = tmp_path / f"flipped{attempt}"
        shutil.copytree(closed, folder)
        data = bytearray(whole)
        data[chance.randrange(PAGE_SIZE, len(data))] ^= 1 << chance.randrange(8)
        (folder / "journal.db").write_bytes(data)
        entries = opened(folder, read_all)
        assert sorted([*sound(entries), *named(entries)]) == list(range(1, ROWS + 1))


def test_F03_rows_that_vanished_or_moved_are_named(closed: Path) -> None:
    """A row that is gone and one that has the number of another: both numbers are named, in order, and the rest is read."""
    with contextlib.closing(sqlite3.connect(closed / "journal.db")) as db:
        db.execute("DELETE FROM event WHERE seq IN (7, 8, 60)")
        db.execute("UPDATE event SET seq = 8 WHERE seq = 20")
        db.commit()
    entries = opened(closed, read_all)
    missing = [json.loads(entry.payload) for entry in entries if entry.code == EventCode.DAMAGED]
    assert [(7, 7), (20, 20), (60, 60)] == [(note["first"], note["last"]) for note in missing]
    assert [entry.seq for entry in entries] == list(range(1, ROWS + 1))


def test_F03_a_damaged_row_is_in_quarantine_and_later_ones_in_the_store(workspace: Workspace) -> None:
    """A wrong checksum, an unreadable page, a payload that means nothing: all are named, and nothing behind them is lost."""
    journaled(
        workspace,
        [heard(n, f"mensaje {n} " * 30) for n in range(1, ROWS)] + [(17, b"\xff\xff no protobuf", None), heard(ROWS, "fin")],
    )
    path = workspace.journal_dir("default") / "journal.db"
    flip(path, path.read_bytes().index(b"mensaje 20 mensaje 20"))
    page = path.read_bytes().index(b"mensaje 40 mensaje 40") // PAGE_SIZE
    data = bytearray(path.read_bytes())
    data[page * PAGE_SIZE : (page + 1) * PAGE_SIZE] = b"\xff" * PAGE_SIZE
    path.write_bytes(data)
    with journal(workspace) as damaged:
        entries = damaged.read(0, 1000)
    bad = named(entries)
    assert {20, 40} <= set(bad)
    with stored.opened(workspace) as store:
        store.drain("default", (Decoded(seq=one.seq, at=one.at, records=meaning("default", one)) for one in entries))
        texts = [text for (text,) in table(store, "SELECT text FROM messages ORDER BY ts")]
        kept = [json.loads(fields) for (fields,) in table(store, "SELECT fields FROM quarantine ORDER BY seq")]
        assert ROWS + 1 == store.watermark("default")
    assert texts == [f"mensaje {n} " * 30 for n in range(1, ROWS) if n not in bad] + ["fin"]
    assert len(kept) == len(bad) + 1
    assert {"journal.db"} == {note["file"] for note in kept if "file" in note}


# What people are told


def told(folder: Path) -> str:
    """Return what the doctor says of the journal in a folder ``…/data/journals/ana``."""
    (finding,) = [one for one in examine(Workspace(folder.parents[2]), "en") if one.what == f"journal {folder.name}"]
    return f"{finding.verdict.icon} {finding.said}"


@pytest.fixture
def shop(workspace: Workspace, closed: Path) -> Path:
    """Return the folder of a closed journal in a workspace."""
    return Path(shutil.copytree(closed, workspace.journals / "ana"))


def test_F03_doctor_names_damaged_entries(shop: Path) -> None:
    """The doctor says which entries of which file cannot be read and what to do, and touches nothing."""
    assert told(shop) == f"✓ {ROWS} entries, all readable"
    path = shop / "journal.db"
    flip(path, path.read_bytes().index(b"row 30 row 30"))
    before = path.read_bytes()
    assert "✗ entries 30 (journal.db: checksum) cannot be read; all others can" in told(shop)
    assert f"Copy {shop}" in told(shop)
    assert path.read_bytes() == before


def test_F03_doctor_names_a_damaged_log_and_a_journal_that_is_none(workspace: Workspace, crashed: Path) -> None:
    """A log with commits behind a damaged place is told before anything opens it; a file that is no journal is told by name."""
    ana = Path(shutil.copytree(crashed, workspace.journals / "ana"))
    log = ana / "journal.db-wal"
    before = log.read_bytes()
    assert "✓" in told(ana)
    flip(log, log.stat().st_size // 2)
    assert f"{log} is damaged" in told(ana)
    log.write_bytes(before)
    eva = Path(shutil.copytree(crashed, workspace.journals / "eva"))
    (eva / "journal.db-wal").unlink()
    (eva / "journal.db").write_bytes(b"no database" * 1000)
    assert "Move it away" in told(eva)


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
