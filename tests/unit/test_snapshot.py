"""Snapshots: every row once, for any engine, private, complete or not there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow.dataset as ds
import pytest
from hosts import ending
from stored import at, entries, got, opened, said

from wakit.client import AsyncClient, Client, connect
from wakit.errors import InvalidInput, WakitError, WorkspaceNotWritable
from wakit.model import ReceiptState
from wakit.paths import Workspace
from wakit.snapshot import folder as folders

#: A day of the next month.
LATER = at(0) + timedelta(days=20)
READ_BY_DUCKDB = """
import duckdb, sys
files = f"{sys.argv[1]}/messages/*/*/*.parquet"
print(duckdb.sql(f"SELECT account, month, count(*) FROM '{files}' GROUP BY ALL ORDER BY ALL").fetchall())
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Yield a client of a host with messages of two accounts in two months."""
    workspace = Workspace(tmp_path_factory.mktemp("w") / "shop").create()
    with opened(workspace) as store:
        for account in ("ana", "default"):
            records = [said(f"M{n}", f"ñandú {n}", ts=at(n), account=account) for n in range(10)]
            records += [said(f"L{n}", ts=LATER, account=account) for n in range(3)]
            store.drain(account, entries([*records, got(ReceiptState.READ, "M1", account=account)]))
    with ending(workspace), connect(workspace) as client:
        yield client


def manifest(folder: Path) -> dict[str, object]:
    return json.loads((folder / "manifest.json").read_text("utf-8"))  # type: ignore[no-any-return]


def test_every_engine_reads_the_same_rows(client: Client, tmp_path: Path) -> None:
    """pyarrow, polars and DuckDB in a process of its own find each row once, by account and month."""
    taken = client.snapshot(tmp_path / "copy")
    expected = [("ana", "2026-11", 10), ("ana", "2026-12", 3), ("default", "2026-11", 10), ("default", "2026-12", 3)]
    done = subprocess.run([sys.executable, "-c", READ_BY_DUCKDB, str(taken.folder)], capture_output=True, text=True, check=True)
    assert str(expected) == done.stdout.strip()
    arrow = ds.dataset(taken.folder / "messages", partitioning="hive").to_table()
    polars = pl.scan_parquet(f"{taken.folder}/messages/**/*.parquet", hive_partitioning=True).collect()
    live = client.arrow("SELECT message_id, text, ts FROM messages ORDER BY account, message_id").to_pylist()
    assert (
        live
        == arrow.sort_by([("account", "ascending"), ("message_id", "ascending")]).select(["message_id", "text", "ts"]).to_pylist()
    )
    assert live == polars.sort("account", "message_id").select("message_id", "text", "ts").to_dicts()
    assert {"contacts", "conversations", "messages", "receipts"} <= set(taken.rows)
    assert (26, 2) == (taken.rows["messages"], taken.rows["receipts"])


def test_manifest_says_what_is_there(client: Client, tmp_path: Path) -> None:
    """Rows and hash of each file, the version of the schema, and the coverage."""
    taken = client.snapshot(tmp_path / "copy")
    told = manifest(taken.folder)
    assert ("wakit-snapshot", 2, "UTC", ["ana", "default"]) == tuple(told[k] for k in ("kind", "version", "months", "accounts"))
    assert client.sql("SELECT max(number) AS n FROM core.migration")["n"][0] == told["schema_version"]
    assert isinstance(told["coverage"], list)
    assert taken.rows == told["rows"]
    files = told["files"]
    assert isinstance(files, list)
    for part in files:
        content = (taken.folder / part["path"]).read_bytes()
        assert (part["bytes"], part["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert {part["path"] for part in files} | {"manifest.json"} == {
        file.relative_to(taken.folder).as_posix() for file in taken.folder.rglob("*") if file.is_file()
    }


def test_nobody_else_can_read_it(client: Client, tmp_path: Path) -> None:
    """Folders are 0700 and files 0600, whatever the umask of the notebook."""
    taken = client.snapshot(tmp_path / "copy")
    modes = {(file.is_dir(), file.stat().st_mode & 0o777) for file in [taken.folder, *taken.folder.rglob("*")]}
    assert {(True, 0o700), (False, 0o600)} == modes


def test_schema_of_a_table_is_one_in_all_its_files(client: Client, tmp_path: Path) -> None:
    """Columns have the same types in each month, all may be null, and none is an enumeration."""
    taken = client.snapshot(tmp_path / "copy")
    schemas = [ds.dataset(file).schema for file in (taken.folder / "messages").rglob("*.parquet")]
    assert all(schema == schemas[0] for schema in schemas)
    assert all(field.nullable and not str(field.type).startswith("dictionary") for field in schemas[0])


def test_again_only_what_changed_is_written(client: Client, tmp_path: Path) -> None:
    """Nothing new: nothing is written. A file that was damaged: that one."""
    first = client.snapshot(tmp_path / "copy")
    again = client.snapshot(tmp_path / "copy")
    assert (len(first.parts), 0, first.parts) == (first.written, again.written, again.parts)
    (tmp_path / "copy" / first.parts[0].path).write_bytes(b"damaged")
    assert 1 == client.snapshot(tmp_path / "copy").written
    assert "M1" not in repr(first)


def test_one_account_alone(client: Client, tmp_path: Path) -> None:
    """``account`` leaves the others out, everywhere."""
    taken = client.snapshot(tmp_path / "copy", account="ana")
    assert {"ana"} == {part.account for part in taken.parts}
    assert ["ana"] == manifest(taken.folder)["accounts"]


def test_interrupted_snapshot_is_taken_up(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there stays until the new one is complete, and what was written is not written again."""
    place, calls = tmp_path / "copy", 0
    client.snapshot(place, account="ana")
    before = manifest(place)
    write = folders.Folder.write

    def dying(self: folders.Folder, *args: object) -> folders.Part:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return write(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(folders.Folder, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        client.snapshot(place)
    monkeypatch.undo()
    assert before == manifest(place)
    taken = client.snapshot(place)
    assert len(taken.parts) - len(before["files"]) - 2 == taken.written  # type: ignore[arg-type]
    assert 26 == taken.rows["messages"]
    assert [place.name] == [file.name for file in tmp_path.iterdir()]


def test_end_between_the_two_renames_is_repaired(client: Client, tmp_path: Path) -> None:
    """The snapshot that was there is found again where it was moved to."""
    taken = client.snapshot(tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / ".copy.old")
    assert (0, taken.parts) == ((again := client.snapshot(tmp_path / "copy")).written, again.parts)


@pytest.mark.parametrize("what", ["file", "foreign", "other manifest", "extra file", "link"])
def test_folder_of_something_else_is_not_touched(client: Client, tmp_path: Path, what: str) -> None:
    """A file, a full folder, a stranger's manifest, a note left in a snapshot, a link: refused with the next step."""
    place = tmp_path / "copy"
    if what == "file":
        place.write_text("mine")
    elif what == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    elif what == "extra file":
        client.snapshot(place)
        (place / "messages" / "notes.txt").write_text("mine")
    else:
        place.mkdir()
        (place / ("manifest.json" if what == "other manifest" else "thesis.doc")).write_text('{"kind": "other"}')
    before = sorted(str(file) for file in tmp_path.rglob("*"))
    with pytest.raises(InvalidInput, match=r"[Cc]hoose"):
        client.snapshot(place)
    assert before == sorted(str(file) for file in tmp_path.rglob("*"))


def test_place_that_cannot_be_made_is_a_typed_error(client: Client) -> None:
    """The message names the folder and says what to do."""
    with pytest.raises(WorkspaceNotWritable, match="choose another folder"):
        client.snapshot("/proc/copy")


def test_two_at_one_place_at_a_time_are_refused(client: Client, tmp_path: Path) -> None:
    """The second one is told to wait."""
    with folders.Folder(tmp_path / "copy").making(), pytest.raises(WakitError, match="Wait for it"):
        client.snapshot(tmp_path / "copy")


async def _async(workspace: Workspace, place: Path) -> int:
    async with await AsyncClient.connect(workspace) as client:
        return (await client.snapshot(place)).rows["messages"]


def test_async_client_and_terminal_take_the_same_snapshot(client: Client, tmp_path: Path) -> None:
    """All three doors give the same files."""
    assert 26 == asyncio.run(_async(client._workspace, tmp_path / "one"))
    program = "import sys; from wakit.cli import main; main(['snapshot', sys.argv[1], '--json'])"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "two")],
        capture_output=True, text=True, check=True, cwd=client._workspace.root,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["files"] == manifest(tmp_path / "one")["files"]
    assert len(told["files"]) == told["written"]
