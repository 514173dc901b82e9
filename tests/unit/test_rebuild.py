"""A rebuilt database says what the journals say, to the last row, and takes the old one's place at once or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exports import write
from journaled import heard, histories, journal, journaled, own, read_by
from stored import at, opened, table

from wakit.cli import main
from wakit.cli.exits import Exit
from wakit.config import Settings
from wakit.importers.deliver import import_file
from wakit.model import Gap, SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.session.entries import EventCode
from wakit.session.events import meaning
from wakit.session.journal import Journal
from wakit.store import Decoded, Store, swap
from wakit.store.rebuild import entries, rebuild

SETTINGS = Settings()
#: A process that has the workspace, as a host would.
_HOLDER = """
import os, sys
from pathlib import Path
from wakit.hostfile import life_lock
from wakit.paths import Workspace
with life_lock(Workspace(Path({!r})), "2026-11-24T00:00:00+00:00", pid=os.getpid()):
    print("held", flush=True)
    sys.stdin.read()
"""


def drained(workspace: Workspace, *, batch: int = 7, account: str = "default") -> None:
    """Drain a journal as the host does, a few entries at a time, and rotate it."""
    with opened(workspace, drain_batch=batch) as store, journal(workspace, account, rotate_at=1) as source:
        drain_all(store, source, batch, account)
        source.rotate(store.watermark(account))


def drain_all(store: Store, source: Journal, batch: int, account: str) -> None:
    while found := source.read(store.watermark(account), batch):
        store.drain(account, (Decoded(seq=one.seq, at=one.at, records=meaning(account, one)) for one in found))


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Return the workspace of a shop that has seen everything: messages, receipts, a history, people who turn out to be one."""
    states = [
        SessionStatus(account="default", state=state, since=at(second), phone="+573009998877")
        for second, state in ((0, SessionState.CONNECTED), (50, SessionState.RECONNECTING), (60, SessionState.CONNECTED))
    ]
    gap = Gap(account="default", since=at(50), until=at(60), cause="offline")
    journaled(
        workspace,
        [
            own(EventCode.STATE, states[0], 0),
            *(heard(n, f"mensaje {n}", person=n % 5 + 1, with_phone=n > 12) for n in range(1, 30)),
            *(heard(n, "otra vez", person=n % 5 + 1) for n in range(1, 10)),
            own(EventCode.STATE, states[1], 50),
            own(EventCode.GAP, gap, 60),
            own(EventCode.STATE, states[2], 60),
            read_by(61, "3EB0000001", "3EB0000002"),
            (17, b"no protobuf", at(62)),
        ],
    )
    drained(workspace)
    journaled(workspace, [*histories(4, 25), heard(70, "hasta luego")])
    journaled(workspace, [heard(1, "hola", person=9)], account="other")
    drained(workspace)
    drained(workspace, account="other")
    return workspace


def brought(workspace: Workspace, folder: Path) -> None:
    """Import a chat, and take back another one."""
    lines = "24/11/26, 10:00 - Cliente 1: mensaje 5\n24/11/26, 10:07 - Cliente 1: de antes\n"
    with opened(workspace) as store:
        import_file(store, write(folder, lines, "WhatsApp Chat with Cliente 1.txt"), account="default", chat="Cliente 1")
        other = import_file(store, write(folder, lines, "WhatsApp Chat with Luz.txt"), account="default", chat="Luz")
        store.imports.undo(other.id)


def test_a_rebuilt_database_is_equal_in_every_table(shop: Workspace, tmp_path: Path) -> None:
    """Rotated parts, live rows, two accounts, a history and an import: counts and hashes agree everywhere."""
    brought(shop, tmp_path)
    done = rebuild(shop, SETTINGS, verify=True)
    assert [] == [one for one in done.compared if not one.equal]
    assert done.replaced
    counts = {one.name: one.after.rows for one in done.compared}
    assert (29 + 100 + 1 + 1 + 1, 1, 3, 2, 1) == tuple(
        counts[name] for name in ("messages", "gaps", "states", "accounts", "quarantine")
    )
    assert (1, done.imports) == (counts["imports"], 1)


def test_what_was_lost_or_changed_is_seen_and_not_replaced(shop: Workspace) -> None:
    """One row less, one text changed: the tables that differ are named, and the old files stay."""
    with opened(shop) as store:
        store._connection.execute("DELETE FROM core.receipt WHERE message_id = '3EB0000002'").complete()
        store._connection.execute("UPDATE core.message SET text = 'x' WHERE message_id = '3EB0000003'").complete()
    done = rebuild(shop, SETTINGS, verify=True)
    assert not done.replaced
    assert {"messages", "receipts"} == {one.name for one in done.compared if not one.equal}
    with opened(shop) as store:
        assert [("x",)] == table(store, "SELECT text FROM messages WHERE message_id = '3EB0000003'")
    assert rebuild(shop, SETTINGS).replaced
    with opened(shop) as store:
        assert [("mensaje 3",)] == table(store, "SELECT text FROM messages WHERE message_id = '3EB0000003'")


def test_a_rebuilt_database_goes_on_where_the_journal_ends(shop: Workspace) -> None:
    """What comes after the rebuild is stored once, and what is told again is not."""
    rebuild(shop, SETTINGS)
    journaled(shop, [heard(5, "otra vez", person=1), heard(71, "nuevo")])
    drained(shop)
    with opened(shop) as store:
        texts = table(store, "SELECT text FROM messages WHERE message_id IN ('3EB0000005', '3EB0000071') ORDER BY ts")
    assert [("mensaje 5",), ("nuevo",)] == texts


def test_progress_counts_every_entry(shop: Workspace) -> None:
    """The bar ends at its end."""
    moved: list[int] = []
    done = rebuild(shop, SETTINGS, moved=moved.append)
    assert entries(shop) == sum(moved) == done.entries


def test_a_damaged_database_is_rebuilt(shop: Workspace) -> None:
    """The database is no database any more: it is made anew from the journals."""
    shop.database.write_bytes(b"not a database" * 1000)
    assert rebuild(shop, SETTINGS).replaced
    with opened(shop) as store:
        assert 131 == table(store, "SELECT count(*) FROM messages")[0][0]


def test_a_swap_cut_short_is_finished_by_whoever_opens_next(shop: Workspace) -> None:
    """Power fails between the two renames: the new database is never read with the old keys."""
    new = swap.begin(shop)
    with opened(new) as store, journal(shop) as source:
        drain_all(store, source, 100, "default")
    assert new.made is not None
    new.made.replace(shop.data / "rebuilt")
    (shop.data / "rebuilt" / "keys.db").replace(shop.keys)
    with opened(shop) as store:
        assert [("default",)] == table(store, "SELECT account FROM accounts")
        rows = table(store, "SELECT (SELECT count(*) FROM core.message) + (SELECT count(*) FROM core.receipt)")
        assert [(len(store._keys),)] == rows
    assert not (shop.data / "rebuilt").exists()


def test_a_rebuild_that_fails_leaves_everything(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends it, the old files are as they were and nothing is left beside them."""
    before = shop.keys.read_bytes(), sorted(path.name for path in shop.data.iterdir())

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(shop, SETTINGS, moved=fail)
    assert before == (shop.keys.read_bytes(), sorted(path.name for path in shop.data.iterdir()))


def told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("WAKIT_LANG", "en")
    with pytest.raises(SystemExit) as ended:
        main(["rebuild", *arguments])
    return ended.value.code


def test_the_terminal_prints_the_proof(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line for each table with equal counts and hashes, then what was done."""
    assert Exit.OK == told(shop, monkeypatch, "--verify")
    lines = capsys.readouterr().out.splitlines()
    (row,) = [line.split() for line in lines if " messages " in line and line.startswith("✓") and "Database" not in line]
    assert ("131", row[4]) == (row[2], row[5])
    assert row[2] == row[3]
    assert lines[-1].startswith("✓ Database rebuilt")


@pytest.mark.parametrize("opened_since", [False, True], ids=["at once", "after a host ran"])
def test_what_only_the_database_had_is_named(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened_since: bool
) -> None:
    """A power cut took the journal's end: whoever rebuilds is told which events that costs, also when more came since."""
    journaled(workspace, [heard(n, f"mensaje {n}") for n in range(1, 6)])
    drained(workspace)
    shutil.rmtree(workspace.journal_dir("default"))
    journaled(workspace, [heard(n, f"mensaje {n}") for n in range(1, 4)])
    if opened_since:
        with journal(workspace) as source:
            source.reserve(5)
        journaled(workspace, [heard(6, "mensaje 6")])
    told(workspace, monkeypatch, "--verify")
    assert "lacks the events 4 to 5: without --verify, what the database has of them goes" in capsys.readouterr().err
    assert Exit.OK == told(workspace, monkeypatch)
    assert "The journal of default lacks the events 4 to 5: what the old database had of them is gone." in capsys.readouterr().err


def test_while_a_host_runs_it_refuses(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two owners of one database would be one too many: it says who has it and what to do."""
    holder = _HOLDER.format(str(shop.root))
    with subprocess.Popen([sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert b"held\n" == other.stdout.readline()
        assert Exit.HOST == told(shop, monkeypatch)
        other.communicate(b"")
    assert "wakit host stop" in capsys.readouterr().err
