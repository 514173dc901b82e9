"""F05: the disk is full, in the callback, in the store or for the whole host: it says so, goes on alone, and nothing is twice."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from disks import SmallDisk, small_disk
from driven_session import Driven, poll, says
from hosts import run_module, until
from network.hosted import CUSTOMER, Listener, hosted
from stored import entries, opened, said, table

from wakit.clock import SystemClock
from wakit.config import Settings
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import NotConnected, StorageFull, WorkspaceNotWritable
from wakit.host.drain import Drain
from wakit.ids import JID
from wakit.model import SendState, SessionState
from wakit.paths import Workspace, write_private
from wakit.session import keeper
from wakit.session.channel import ExitCode
from wakit.session.media_files import MediaFiles
from wakit.session.space import ENOUGH, LOW_SPACE, has_room
from wakit.store import Decoded, Store, engine
from wakit.store.indexing import Indexing

pytestmark = pytest.mark.faults

MEGABYTE = 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Return a disk of 64 MB."""
    with small_disk(tmp_path / "disk", 64) as mounted:
        yield mounted


@pytest.fixture
def small(disk: SmallDisk) -> Workspace:
    """Return a workspace on the small disk."""
    return Workspace(disk.path / "w").create()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for room twenty times a second."""
    monkeypatch.setattr(keeper, "_SPACE_SECONDS", 0.05)


# In the callback


@pytest.mark.network
def test_F05_no_room_for_an_event_ends_the_worker_with_21(
    workspace: Workspace, net: Network, customer: Phone, faulty: Callable[..., Path], tmp_path: Path, impatient: None
) -> None:
    """The journal's disk is full from one event to the next: exit 21, ``storage_full``, no sends; with room it goes on alone."""
    gauge = tmp_path / "free"
    gauge.write_text(str(100 * LOW_SPACE))
    faulty("disk", gauge=str(gauge))  # the worker is told that there is room, so it does not stop in time
    number = "+57 300 555 5001"
    with small_disk(workspace.journals, 16) as disk, Driven(workspace, "eva", network=net) as eva:
        eva.link(net.phone(number))
        eva.forget()
        customer.send(number, "antes")
        eva.await_texts(["antes"])
        disk.fill()
        for letter in "abcdef":  # the log has room of its own for some of it
            customer.send(number, letter * 60_000)
        full = eva.until("storage_full")
        assert "the disk is full" == full.reason
        says(full, es="El disco está lleno", en="The disk is full")
        with pytest.raises(NotConnected, match="storage_full"):
            eva.do(eva.session.typing(JID.parse("573009876543@s.whatsapp.net"), True))
        customer.send(number, "mientras")
        disk.make_room()
        eva.until("connected")
        poll(lambda: "mientras" in eva.texts())
        assert [ExitCode.JOURNAL_FAILED] == [end["code"] for end in eva.ends()]
        assert ["storage_full"] == [gap.cause for gap in eva.gaps()]
        assert len(eva.texts()) == len(set(eva.texts()))


@pytest.mark.network
def test_F05_a_store_without_room_pauses_the_session(workspace: Workspace, net: Network, impatient: None) -> None:
    """Where only the store's disk is full the session pauses too, and goes on when the store can be written again."""
    room = [True]
    number = "+57 300 555 5002"
    with Driven(workspace, "eva", network=net, store_has_room=lambda: room[0]) as eva:
        eva.link(net.phone(number))
        eva.forget()
        room[0] = False
        eva.call(eva.session.pause_for_space)
        says(eva.until("storage_full"), es="El disco está lleno", en="The disk is full")
        net.phone(CUSTOMER).send(number, "mientras")
        poll(lambda: eva.session.pid is None)
        room[0] = True
        eva.until("connected")
        eva.await_texts(["mientras"])
        assert ["storage_full"] == [gap.cause for gap in eva.gaps()]


# In the store


def drain_all(store: Store, moves: Iterable[list[Decoded]]) -> None:
    for move in moves:
        store.drain("default", move)


@pytest.mark.parametrize("leave", [20_000, 700_000])
def test_F05_no_room_for_a_commit_loses_nothing(small: Workspace, disk: SmallDisk, leave: int) -> None:
    """A move that finds no room is refused as a whole; what is there can be read; with room the same move stores it once."""
    moves = [entries([said(f"M{n}", "y" * 500) for n in range(at, at + 300)], first=at + 1) for at in range(0, 3000, 300)]
    with opened(small) as store:
        store.drain("default", moves[0])
        disk.fill(leave)
        with pytest.raises(StorageFull, match="Free some space"):
            drain_all(store, moves)
        assert store.watermark("default") == table(store, "SELECT count(*) FROM messages")[0][0]
        disk.make_room()
        drain_all(store, moves)
        assert [(3000, 3000)] == table(store, "SELECT count(*), count(DISTINCT message_id) FROM messages")


def test_F05_no_room_for_a_checkpoint_loses_nothing(small: Workspace, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB gives up when its checkpoint finds no room: the store says that the disk is full and comes back with the room."""
    # The search index would take some of the room, now more and now less.
    monkeypatch.setattr(Indexing, "wake", lambda _: None)
    moves = [
        entries([said(f"M{at + n}", f"{at + n} " * 150) for n in range(1000)], first=at + 1) for at in range(0, 40_000, 1000)
    ]
    disk.fill(22 * MEGABYTE)
    with opened(small) as store:
        with pytest.raises(StorageFull):
            drain_all(store, moves)
        assert not engine.is_usable(store._connection)
        for ask in (lambda: store.drain("default", moves[-1]), lambda: store.sql("SELECT 1"), store.accounts):
            with pytest.raises(StorageFull, match="Free some space"):
                ask()
        disk.make_room()
        count, different = table(store, "SELECT count(*), count(DISTINCT message_id) FROM messages")[0]
        assert count == different == store.watermark("default") > 0
        moves = moves[: count // 1000 + 2]
        drain_all(store, moves)
        assert [(len(moves) * 1000,)] == table(store, "SELECT count(*) FROM messages")


def test_F05_the_drain_tells_of_a_full_store_and_of_room() -> None:
    """The host hears once that the store is full for an account and once that all of them have room again, and stays alive."""
    told: list[bool] = []
    full = {"ana", "eva"}

    class Full:
        def watermark(self, account: str) -> int:
            if account in full:
                raise StorageFull
            if account == "bug":
                raise ZeroDivisionError
            return 0

    journals = SimpleNamespace(get=lambda _: SimpleNamespace(read=lambda *_: []))
    store = Full()
    store.imports = SimpleNamespace(settle=lambda _: None)  # type: ignore[attr-defined]

    async def run() -> None:
        settings = Settings(drain_every=0.001)
        nothing_sent = SimpleNamespace(weigh=lambda _: [])
        quiet = {"on_sent": lambda _: None, "on_history": lambda *_: None, "on_files": lambda _: None}
        drain = Drain(journals, store, None, nothing_sent, settings, SystemClock(), on_full=told.append, **quiet)  # type: ignore[arg-type]
        for account in ("ana", "bug", "eva", "sol"):
            drain.moved(account)
        await drain._rounds.round(drain._move_all)
        assert [True, True] == told
        full.discard("ana")
        drain.moved("ana")
        await drain._rounds.round(drain._move_all)
        assert [True, True] == told
        full.discard("eva")
        drain.moved("eva")
        await drain._rounds.round(drain._move_all)
        assert [True, True, False] == told

    asyncio.run(run())


# In a file of a message


def test_F05_no_room_for_a_file_leaves_nothing_of_it(disk: SmallDisk) -> None:
    """A file that does not fit is refused as a whole, one that would take the last room is not begun; with room it is kept."""
    files, blocks = MediaFiles(disk.path / "media"), [b"photo" * 10_000] * 20
    disk.fill(300_000)
    with pytest.raises(StorageFull, match="Free some space"):
        files.write(blocks, limit=10 * MEGABYTE)
    assert [] == [path for path in (disk.path / "media").rglob("*") if path.is_file()]
    with pytest.raises(StorageFull, match="almost full"):
        files.require_room(1000)
    disk.make_room()
    stored = files.write(blocks, limit=10 * MEGABYTE)
    assert files.find(stored.sha256) == stored


# In the host


@pytest.mark.network
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_F05_a_host_on_a_full_disk_says_so_and_goes_on_alone(small: Workspace, disk: SmallDisk, net: Network) -> None:
    """Client and card see ``storage_full``, a send is refused or waits; with room everything arrives once and is sent once."""
    number = "+57 300 555 5003"
    customer = net.phone(CUSTOMER)
    with hosted(small, net) as shop:
        shop.link(net.phone(number))
        listener = Listener(shop.client)
        customer.send(number, "antes")
        until(lambda: listener.texts() == ["antes"])
        disk.fill()
        status = shop.reach("default", SessionState.STORAGE_FULL)
        assert "disk is" in str(status.reason)
        customer.send(number, "mientras")
        assert SessionState.STORAGE_FULL is shop.client.connect_account("default").state
        with pytest.raises(StorageFull, match="Free some space"):
            shop.client.send(CUSTOMER, "x" * 50_000, wait=0)
        disk.make_room()
        shop.reach("default", SessionState.CONNECTED)
        until(lambda: listener.texts() == ["antes", "mientras"])
        sent = shop.client.send(CUSTOMER, "¡Hola!", wait=10)
        assert sent.state in {SendState.SENT, SendState.DELIVERED}
        until(lambda: {"antes", "mientras"} <= set(shop.client.messages()["text"]))


# What it stands on


def test_F05_room_is_what_can_be_written(tmp_path: Path, disk: SmallDisk) -> None:
    """Neither a disk with little left nor one that refuses a file of that size counts as having room."""
    assert has_room(disk.path)
    disk.fill(ENOUGH + MEGABYTE)
    assert has_room(disk.path)
    disk.fill(ENOUGH - MEGABYTE)
    assert not has_room(disk.path)
    assert has_room(disk.path / "gone")  # or a session would wait for room where there is no folder, and tell nobody


def test_F05_a_small_file_is_replaced_or_stays(disk: SmallDisk) -> None:
    """A file of settings that finds no room keeps its old content, and the error says what to do."""
    write_private(disk.path / "host.json", b"old")
    disk.fill()
    with pytest.raises(StorageFull, match=r"host\.json.*Free some space"):
        write_private(disk.path / "host.json", b"new" * 5000)
    assert b"old" == (disk.path / "host.json").read_bytes()
    assert ["filler", "host.json"] == sorted(path.name for path in disk.path.iterdir())


def test_F05_a_disk_that_became_read_only_is_told(small: Workspace, disk: SmallDisk) -> None:
    """Folders and files of a read-only disk are typed errors that name them."""
    disk.mount("ro")
    with pytest.raises(WorkspaceNotWritable, match="Read-only"):
        write_private(small.host_file, b"{}")
    with pytest.raises(WorkspaceNotWritable, match=r"auth_sessions.*cannot be written to"):
        small.create()


@pytest.mark.parametrize(
    ("state", "says"), [("full", "is full.*Free some space"), ("read-only", "cannot be written to.*Check its owner")]
)
def test_F05_a_host_that_finds_no_room_does_not_start_and_says_why(
    small: Workspace, disk: SmallDisk, state: str, says: str
) -> None:
    """On a disk that is full or read-only from the start, the host ends with one line that names the path and the next step."""
    if state == "full":
        disk.fill()
    else:
        disk.mount("ro")
    ended = run_module(small)
    assert ended.returncode == 1
    assert re.search(says, ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr
