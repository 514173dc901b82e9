"""The worker is killed, its callback fails, its library dies, its disk is full: it ends with a word, and nothing is skipped."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from driven_session import Driven, poll, says

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import StorageFull
from wakit.model import SessionStatus
from wakit.paths import Workspace, write_private
from wakit.session import keeper, space
from wakit.session.channel import ExitCode
from wakit.session.space import LOW_SPACE
from wakit.session.states import Limits

pytestmark = [pytest.mark.network, pytest.mark.faults]

#: The message at which the fault strikes.
AT = 4


@pytest.mark.parametrize("what", ["ValueError", "SystemExit", "MemoryError", "KeyboardInterrupt"])
def test_F14_an_exception_in_the_callback_ends_the_worker(
    restarted: Callable[[], Driven], faulty: Callable[..., Path], talk: Callable[[int, int], list[str]], what: str
) -> None:
    """Where ctypes would swallow it, and the message with it, the worker ends with 21 and the gap is written."""
    struck = faulty("raise", what=what, at=AT)
    ana = restarted()
    texts = talk(1, AT)
    poll(struck.exists)
    assert what in str(ana.until("reconnecting").reason)
    ana.until("connected")
    texts += talk(AT + 1, AT + 3)
    poll(lambda: texts[-1] in ana.texts())
    assert set(texts) - set(ana.texts()) <= {f"mensaje {AT}"}
    assert ana.ends()[-1]["code"] == ExitCode.JOURNAL_FAILED
    assert [gap.cause for gap in ana.gaps()][-1] == "journal_failed"


def test_F14_an_exception_with_nowhere_to_go_ends_the_worker(
    restarted: Callable[[], Driven], faulty: Callable[..., Path], talk: Callable[[int, int], list[str]]
) -> None:
    """What only sys.unraisablehook sees ends the worker with 21 too; the events before it are in the journal."""
    struck = faulty("unraisable", at=AT)
    ana = restarted()
    texts = talk(1, AT)
    poll(struck.exists)
    ana.until("reconnecting")
    ana.until("connected")
    assert ana.texts() == texts
    assert ana.ends()[-1]["code"] == ExitCode.JOURNAL_FAILED


def test_F15_a_pump_that_ends_while_connected_is_noticed_at_once(
    restarted: Callable[[], Driven], faulty: Callable[..., Path], talk: Callable[[int, int], list[str]]
) -> None:
    """connect() returns although the socket is up: exit 20 within a second, a fresh worker, one gap."""
    struck = faulty("silent end", at=2)
    ana = restarted()
    texts = talk(1, 2)
    poll(struck.exists)
    at = time.monotonic()
    ana.until("reconnecting")
    assert time.monotonic() - at < 1
    ana.until("connected")
    texts += talk(3, 5)
    ana.await_texts(texts)
    assert ana.ends()[-1]["code"] == ExitCode.PUMP_DEAD
    assert [gap.cause for gap in ana.gaps()] == ["stopped", "pump_dead"]


@pytest.fixture
def leave(faulty: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that says how many bytes the disk has left, to worker and host alike."""
    path = tmp_path / "free"

    def say(free: int) -> None:
        write_private(path, str(free).encode())  # whole or not at all: it is read all the time

    say(100 * LOW_SPACE)
    faulty("disk", gauge=str(path))
    monkeypatch.setattr(space, "free", lambda _: int(path.read_text()))
    monkeypatch.setattr(keeper, "_SPACE_SECONDS", 0.05)
    return say


def test_F05_a_full_disk_pauses_the_session_and_loses_nothing(
    restarted: Callable[[], Driven], leave: Callable[[int], None], talk: Callable[[int, int], list[str]]
) -> None:
    """Little space left: the worker stops in order, messages wait at WhatsApp, and it resumes alone when there is space."""
    ana = restarted()
    texts = talk(1, 3)
    ana.await_texts(texts)
    leave(LOW_SPACE - 1)
    texts += talk(4, 8)
    full = ana.until("storage_full")
    says(full, es="El disco está lleno", en="The disk is full")
    poll(lambda: ana.session.pid is None)
    texts += talk(9, 12)
    with pytest.raises(StorageFull, match="resumes by itself"):
        ana.do(ana.session.retry_now())
    assert ana.status.state == "storage_full"
    leave(100 * LOW_SPACE)
    ana.until("connected")
    ana.await_texts(texts)
    assert ana.texts() == texts
    assert ana.ends()[-1]["code"] == ExitCode.STORAGE_FULL
    assert [gap.cause for gap in ana.gaps()] == ["stopped", "storage_full"]


def test_F05_rows_of_the_host_wait_for_space(ana: Driven, net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that cannot be journaled on a full disk is journaled, in order, before the next one that can."""
    journal = ana.session._machine._ledger._journal  # type: ignore[union-attr]
    real, full = journal.append, [True]

    def append(*args: object) -> int:
        if full[0]:
            raise StorageFull
        return int(real(*args))

    monkeypatch.setattr(journal, "append", append)
    net.drop(ana.device)
    ana.until("reconnecting")
    full[0] = False
    ana.until("connected")
    assert [str(status.state) for status in ana.records(SessionStatus)] == ["reconnecting", "connected"]


def test_F16_a_frozen_worker_is_replaced(workspace: Workspace, net: Network, customer: Phone) -> None:
    """A process that lives but does not beat is deaf: killed within its bounds, replaced, and what was sent meanwhile arrives."""
    with Driven(workspace, "eva", network=net, limits=Limits(silent=3.0), stop_timeout=0.5) as eva:
        eva.link(net.phone("+57 300 555 4001"))
        frozen = int(str(eva.session.pid))
        os.kill(frozen, signal.SIGSTOP)
        customer.send("+57 300 555 4001", "¿hola?")
        says(eva.until("deaf"), es="reinicio la sesión", en="restarting the session")
        eva.until("connected")
        assert eva.session.pid != frozen
        eva.await_texts(["¿hola?"])
        assert [gap.cause for gap in eva.gaps()] == ["deaf"]


def test_stopping_is_bounded_whatever_the_worker_does(workspace: Workspace, net: Network) -> None:
    """A frozen worker is asked, terminated and killed: stop returns within stop_timeout and a second, and nothing is left."""
    with Driven(workspace, "eva", network=net, stop_timeout=0.5) as eva:
        eva.link(net.phone("+57 300 555 4002"))
        frozen = int(str(eva.session.pid))
        os.kill(frozen, signal.SIGSTOP)
        started = time.monotonic()
        eva.stop()
        assert time.monotonic() - started < 3
        assert not Path(f"/proc/{frozen}").exists()
        assert eva.status.state == "stopped"


def test_the_output_of_a_worker_is_redacted(ana: Driven) -> None:
    """What the library prints is in the log, without codes, numbers or addresses, and says that the network is emulated."""
    log = ana.log()
    assert "Press Ctrl+C" in log
    assert "[emulated network]" in log
    for secret in ("573001234567", "@s.whatsapp.net", "linked_devices#", "@lid"):
        assert secret not in log


def test_F33_a_worker_shows_no_secret_to_other_programs(ana: Driven) -> None:
    """The command line and environment hold neither codes nor keys."""
    ana.stop()  # the worker of the test before may be a faulty one
    ana.start().until("connected")
    process = Path(f"/proc/{ana.session.pid}")
    command = process.joinpath("cmdline").read_bytes().decode().split("\0")
    assert command[1:4] == ["-P", "-m", "wakit.session.worker"]
    environment = process.joinpath("environ").read_bytes().decode()
    assert "NEONIZE_BOT_TAG=off" in environment
    assert "NO_PROXY" not in environment
    assert str(ana.status.phone) not in environment
