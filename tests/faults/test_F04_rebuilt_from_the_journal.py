"""F03, F04: whatever became of files, the journal is the truth, and a rebuild says what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from journaled import heard, journal, journaled
from stored import opened, table

from wakit.config import Settings
from wakit.paths import Workspace
from wakit.session.events import meaning
from wakit.store import Decoded
from wakit.store.rebuild import rebuild

pytestmark = pytest.mark.faults

SETTINGS = Settings()
FIRST, LAST = 40, 60


def drained(workspace: Workspace) -> None:
    with opened(workspace) as store, journal(workspace) as source:
        found = source.read(store.watermark("default"), 1000)
        store.drain("default", (Decoded(seq=one.seq, at=one.at, records=meaning("default", one)) for one in found))


def ids(workspace: Workspace) -> list[str]:
    with opened(workspace) as store:
        return [str(found) for (found,) in table(store, "SELECT message_id FROM messages ORDER BY message_id")]


def named(numbers: range) -> list[str]:
    return [f"3EB0{number:06}" for number in numbers]


def test_F04_a_database_that_knows_more_than_the_journal_is_rebuilt_from_it(workspace: Workspace, tmp_path: Path) -> None:
    """A power cut took the journal's last rows and not the database's: --verify says so, a rebuild follows the journal."""
    journaled(workspace, (heard(n, "hola") for n in range(1, FIRST)))
    shutil.copytree(workspace.journal_dir("default"), tmp_path / "flushed")
    journaled(workspace, (heard(n, "hola") for n in range(FIRST, LAST)))
    drained(workspace)
    shutil.rmtree(workspace.journal_dir("default"))
    shutil.copytree(tmp_path / "flushed", workspace.journal_dir("default"))
    found = rebuild(workspace, SETTINGS, verify=True)
    (messages,) = [one for one in found.compared if one.name == "messages"]
    assert (LAST - 1, FIRST - 1, False) == (messages.before.rows, messages.after.rows, found.replaced)
    assert named(range(1, LAST)) == ids(workspace)
    assert rebuild(workspace, SETTINGS).replaced
    assert named(range(1, FIRST)) == ids(workspace)
    # WhatsApp delivers again what the phone still has; the numbers of the lost rows are used again.
    journaled(workspace, (heard(n, "hola") for n in range(FIRST, LAST + 5)))
    drained(workspace)
    assert named(range(1, LAST + 5)) == ids(workspace)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.8, 0.9999])
def test_F03_a_torn_journal_is_rebuilt_as_far_as_it_goes(workspace: Workspace, tmp_path: Path, share: float) -> None:
    """The log ends in the middle of a row: everything before is rebuilt, and twice gives the same."""
    with journal(workspace) as alive:
        alive.append_many([heard(0, "hola")])
        for n in range(1, LAST):
            alive.append(*heard(n, f"mensaje {n}"))
        shutil.copytree(workspace.journal_dir("default"), tmp_path / "torn")
    log = tmp_path / "torn" / "journal.db-wal"
    log.write_bytes(log.read_bytes()[: int(log.stat().st_size * share)])
    shutil.rmtree(workspace.journal_dir("default"))
    shutil.copytree(tmp_path / "torn", workspace.journal_dir("default"))
    assert rebuild(workspace, SETTINGS).replaced
    rebuilt = ids(workspace)
    assert named(range(len(rebuilt))) == rebuilt
    assert len(rebuilt) >= int(LAST * share) - 3
    assert rebuild(workspace, SETTINGS, verify=True).replaced


def test_F03_a_damaged_part_is_named_and_the_rest_rebuilt(workspace: Workspace) -> None:
    """A rotated part does not unpack: its range is in quarantine, later rows are there."""
    journaled(workspace, (heard(n, "hola") for n in range(1, FIRST)))
    drained(workspace)
    with journal(workspace, rotate_at=1) as source:
        assert source.rotate(FIRST - 1)
    journaled(workspace, (heard(n, "hola") for n in range(FIRST, LAST)))
    (part,) = workspace.journal_dir("default").glob("*.zst")
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 0xFF
    part.write_bytes(data)
    assert rebuild(workspace, SETTINGS).replaced
    assert named(range(FIRST, LAST)) == ids(workspace)
    with opened(workspace) as store:
        ((facts,),) = table(store, "SELECT fields FROM quarantine")
    assert (part.name, 1, FIRST - 1) == tuple(json.loads(facts)[name] for name in ("file", "first", "last"))
