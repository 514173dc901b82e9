"""F03, F04: whatever became of files, the journal is the truth, and a rebuild says what it says."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from hosts import until
from journaled import heard, journal, journaled
from stored import at, opened, said, table

from wakit.clock import SystemClock
from wakit.config import Settings
from wakit.doctor import examine
from wakit.host.drain import Drain
from wakit.host.journals import Journals
from wakit.host.services import running
from wakit.hostfile import HostInfo
from wakit.paths import Workspace
from wakit.session.events import meaning
from wakit.session.journal import Journal
from wakit.store import Decoded
from wakit.store.drain import LONG
from wakit.store.engine import rows
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


def cut_back(workspace: Workspace, spare: Path) -> None:
    """Leave the database with ``LAST`` entries, and the journal with what was flushed before the last of them."""
    journaled(workspace, (heard(n, "hola") for n in range(1, FIRST)))
    shutil.copytree(workspace.journal_dir("default"), spare)
    journaled(workspace, (heard(n, "hola") for n in range(FIRST, LAST)))
    drained(workspace)
    shutil.rmtree(workspace.journal_dir("default"))
    shutil.copytree(spare, workspace.journal_dir("default"))


def test_F04_a_database_that_knows_more_than_the_journal_is_rebuilt_from_it(workspace: Workspace, tmp_path: Path) -> None:
    """A power cut took the journal's last rows and not the database's: --verify says so, a rebuild follows the journal."""
    cut_back(workspace, tmp_path / "flushed")
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


def test_F04_a_host_finds_out_at_its_start_and_loses_nothing(
    workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The messages that only the database has stay, new ones do not get their numbers, and log and doctor say so."""
    cut_back(workspace, tmp_path / "flushed")

    async def serve() -> None:
        info = HostInfo(pid=1, started="2026-11-24T10:00:00+00:00", protocol=1, version="", socket="")
        async with running(workspace, info, Settings(drain_every=0.01), SystemClock(), lambda: None) as services:
            journaled(workspace, [heard(LAST + 1, "nuevo")])
            services._journaled("default", LAST)
            await asyncio.to_thread(until, lambda: services.store.watermark("default") == LAST)

    asyncio.run(serve())
    assert f"knows entries {FIRST}-{LAST - 1}, which its journal has lost" in caplog.text
    assert [*named(range(1, LAST)), *named(range(LAST + 1, LAST + 2))] == ids(workspace)
    (finding,) = [one for one in examine(workspace, "en") if one.what == "journal default"]
    assert f"entries {FIRST}-{LAST - 1} (journal.db: missing)" in finding.said


def test_F04_a_history_that_was_moved_in_part_is_not_mistaken_for_another_entry(workspace: Workspace) -> None:
    """The entry of which a part was moved counts as known, so that a new entry does not get its number and lose its head."""

    def killed(step: str) -> None:
        if step == "done":
            raise KeyboardInterrupt

    history = Decoded(seq=1, at=at(0), records=[said(f"M{n}") for n in range(3 * LONG)])
    with opened(workspace, drain_batch=2, at=killed) as store, pytest.raises(KeyboardInterrupt):
        store.drain("default", [history])
    with opened(workspace) as store:
        assert (0, 1) == (store.watermark("default"), store.reach("default"))


def test_F04_the_store_never_knows_what_a_power_cut_can_take(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the database commits, the journal's entries up to there are on the disk already, however late its own flush is."""
    durable, real, copies = tmp_path / "durable", os.fdatasync, itertools.count()
    flushed: list[Path] = []

    def fdatasync(fd: int) -> None:
        real(fd)
        flushed.append(Path(shutil.copytree(workspace.journal_dir("default"), durable / str(next(copies)))))

    surviving: list[tuple[int, int]] = []

    def power_cut(step: str) -> None:
        if step == "done":
            left = Journal(Path(shutil.copytree(flushed[-1], durable / f"left{next(copies)}")))
            surviving.append((max(row[0] for row in rows(store._connection, "SELECT max(seq) FROM core.message")), left.last_seq))
            left.close()

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    settings, journals = Settings(drain_batch=20), Journals(workspace, SETTINGS)
    with journal(workspace, flush=3600) as writer, opened(workspace, at=power_cut, drain_batch=20) as store:
        writer.append(*heard(1, "hola"))  # flushed at once; what follows only in half an hour
        until(lambda: len(flushed) == 1)
        for n in range(2, LAST + 1):
            writer.append(*heard(n, "hola"))
        nothing_sent = SimpleNamespace(weigh=lambda _: [])
        quiet = dict.fromkeys(("on_sent", "on_files", "on_full", "on_history"), lambda *_: None)
        drain = Drain(journals, store, None, nothing_sent, settings, SystemClock(), **quiet)  # type: ignore[arg-type]
        drain.moved("default")
        asyncio.run(drain._rounds.round(drain._move_all))
        journals.close()
    assert surviving
    assert all(known <= left for known, left in surviving)
    assert LAST == surviving[-1][0]


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
