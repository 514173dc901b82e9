"""A lake of many hosts: each replaces its own part, at once, and the others' parts and readers are not touched."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from hosts import ending
from stored import at, entries, opened, said

from wakit.analytics import engine
from wakit.client import Client, connect
from wakit.errors import InvalidInput, WorkspaceNotWritable
from wakit.lake import MANIFEST, Lake, Manifest, Place, host_name, manifest_of, space_of
from wakit.paths import Workspace
from wakit.snapshot.host_part import HostPart

MONTH_LATER = at(0) + timedelta(days=30)


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Client]]:
    """Yield the clients of two hosts, each with an account of the same name and messages in two months."""
    with ExitStack() as stack:
        clients = []
        for name, count in (("north", 5), ("south", 8)):
            workspace = Workspace(tmp_path_factory.mktemp(name) / "shop").create()
            with opened(workspace) as store:
                messages = [said(f"M{n}", f"hola {n}", ts=at(n)) for n in range(count)]
                store.drain("default", entries([*messages, said("L", ts=MONTH_LATER)]))
            stack.enter_context(ending(workspace))
            clients.append(stack.enter_context(connect(workspace)))
        yield clients


@pytest.fixture(params=["folder", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty place for a lake: a folder, or what behaves as a bucket does."""
    return str(tmp_path / "lake") if request.param == "folder" else f"memory://{uuid4().hex}/lake"


def rows(lake: Lake, table: str) -> int:
    return sum(part.rows for manifest in lake.hosts.values() for part in manifest.parts if part.table == table)


def test_hosts_write_into_one_lake(shops: list[Client], place: str) -> None:
    """Each row of both once, by host, account and month; again, nothing is written."""
    for client, host in zip(shops, ("north", "south"), strict=True):
        assert client.snapshot(place, host=host).written > 0
    lake = Lake.open(place)
    assert ["north", "south"] == list(lake.hosts)
    assert (6 + 9) == rows(lake, "messages")
    facts = next(table for table in lake.tables if table.name == "message_facts")
    assert 4 == len(facts.files)
    assert all("/host=" in path and "/account=default/month=2026-1" in path for path in facts.files)
    assert 0 == shops[0].snapshot(place, host="north").written


def test_a_table_without_a_row_has_its_columns(shops: list[Client], place: str) -> None:
    """An engine can ask for it, and is told that there is nothing."""
    shops[0].snapshot(place, host="north")
    polls = next(table for table in Lake.open(place).tables if table.name == "polls")
    assert () == polls.files
    assert "VARCHAR" == polls.columns["account"]


def test_a_snapshot_that_ends_in_the_middle_leaves_the_old_one(
    shops: list[Client], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files without a manifest do not count, and the next attempt goes on to a whole one."""
    shops[0].snapshot(place, host="north")
    before = Lake.open(place)

    def gone(*_: object) -> None:
        raise WorkspaceNotWritable

    with monkeypatch.context() as broken:
        broken.setattr(HostPart, "kept", lambda *_: None)
        broken.setattr(Place, "write", _failing_at(3))
        with pytest.raises(WorkspaceNotWritable):
            shops[1].snapshot(place, host="north")
    again = Lake.open(place)
    assert before.hosts == again.hosts
    assert all(again.place.size(path) for table in again.tables for path in table.files)
    shops[1].snapshot(place, host="north")
    assert 9 == rows(Lake.open(place), "messages")


def _failing_at(number: int):
    write, calls = Place.write, iter(range(1, 1000))

    def failing(self: Place, path: str, content: bytes) -> None:
        if next(calls) == number:
            raise WorkspaceNotWritable
        write(self, path, content)

    return failing


def test_who_reads_by_the_manifest_of_before_goes_on(shops: list[Client], place: str) -> None:
    """A snapshot that replaces a part leaves its files for one more snapshot; then they are removed, when they are a day old."""
    shops[0].snapshot(place, host="h")
    reading = Lake.open(place)
    old = [path for table in reading.tables if table.name == "messages" for path in table.files]
    shops[1].snapshot(place, host="h")
    assert all(reading.place.size(path) for path in old)
    manifest = reading.place.read(manifest_of("h"))
    assert manifest is not None
    part = HostPart(reading.place, "h")
    for _ in range(2):
        part.finish(Manifest.read(manifest, "h"))
        part = HostPart(reading.place, "h")
    assert all(reading.place.size(path) for path in old), "they are from today"


def test_files_that_nobody_names_are_removed_after_a_day(
    shops: list[Client], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an attempt that did not end has left, and nothing that is not ours."""
    shops[0].snapshot(place, host="h")
    lake = Lake.open(place)
    left, strange = "messages/host=h/account=x/part-0123456789abcdef.parquet", "messages/host=h/note.txt"
    for path in (left, strange):
        lake.place.write(path, b"x")
    shops[0].snapshot(place, host="h")
    assert lake.place.size(left) == 1
    tomorrow = {path: datetime.now(UTC) - timedelta(days=2) for path in lake.place.below("")}
    monkeypatch.setattr(Place, "below", lambda _, path: {name: at for name, at in tomorrow.items() if name.startswith(path)})
    shops[0].snapshot(place, host="h")
    assert (None, 1) == (lake.place.size(left), lake.place.size(strange))
    assert 6 == rows(Lake.open(place), "messages")
    assert all(lake.place.size(path) for table in Lake.open(place).tables for path in table.files)


def test_people_of_two_hosts_are_never_one(shops: list[Client], place: str) -> None:
    """Both stores count from one; in the lake the numbers differ, by the host's name alone."""
    for client, host in zip(shops, ("north", "south"), strict=True):
        client.snapshot(place, host=host)
    people = {host: {} for host in ("north", "south")}
    with engine("duckdb", place) as duck:
        for row in duck.arrow("SELECT host, key, jid FROM fact_names ORDER BY key").to_pylist():
            people[row["host"]][row["key"]] = row["jid"]
        chats = set(duck.arrow("SELECT DISTINCT chat FROM message_facts")["chat"].to_pylist())
    assert set(people["north"].values()) == set(people["south"].values())
    assert not people["north"].keys() & people["south"].keys()
    assert chats <= people["north"].keys() | people["south"].keys()
    assert 2 == len(chats)
    assert 0 == space_of(None)
    assert all(0 <= space_of(f"h{n}") < 2**63 for n in range(100))


def test_a_lake_on_this_machine_is_private(shops: list[Client], tmp_path: Path) -> None:
    """Folders 0700 and files 0600."""
    place = tmp_path / "lake"
    shops[0].snapshot(place, host="north")
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in (place, *place.rglob("*"))}
    assert {(True, 0o700), (False, 0o600)} == modes


def test_what_cannot_be_a_lake_says_why(shops: list[Client], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL without a host, a host's name that is none, an empty place, another version, an unknown kind of URL."""
    with pytest.raises(InvalidInput, match="--host"):
        shops[0].snapshot("memory://lake")
    with pytest.raises(InvalidInput, match="no name for a host"):
        shops[0].snapshot("memory://lake", host="../x")
    with pytest.raises(InvalidInput, match="wakit snapshot"):
        Lake.open(tmp_path)
    with pytest.raises(InvalidInput, match="no place"):
        Lake.open("nonsense://x")
    (tmp_path / MANIFEST).write_text(json.dumps({"kind": "wakit-snapshot", "version": 1}))
    with pytest.raises(InvalidInput, match="another version"):
        Lake.open(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(InvalidInput, match="no manifest"):
        Lake.open(tmp_path)
    assert "tienda-1" == host_name("tienda-1")
    assert not fsspec.filesystem("memory").exists("/lake")


def test_accounts_of_one_name_are_told_apart(shops: list[Client], place: str) -> None:
    """Each host has a ``default``: in the lake they are two, for every table and for every figure."""
    for client, host in zip(shops, ("north", "south"), strict=True):
        client.snapshot(place, host=host)
    with engine("duckdb", place) as duck:
        counted = duck.arrow("SELECT account, count(*) AS n FROM message_facts GROUP BY ALL ORDER BY ALL").to_pylist()
        assert [{"account": "default@north", "n": 6}, {"account": "default@south", "n": 9}] == counted
        assert 9 == duck.report.volume(by="month", account="default@south", since="2026-01").df["received"].sum()
