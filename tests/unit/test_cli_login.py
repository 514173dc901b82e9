"""``wakit login`` against a host that says what the test wants; the real one is in ``tests/network``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from wakit.cli import login, main
from wakit.cli.exits import Exit
from wakit.cli.terminal import Block
from wakit.model import SessionState, SessionStatus

QR = "https://wa.me/settings/linked_devices#2@" + "x" * 180


def status(state: SessionState, **facts: Any) -> SessionStatus:
    now = datetime.now(UTC)
    return SessionStatus(account="ana", state=state, since=now, code_expires_at=now + timedelta(seconds=20), **facts)


CONNECTED = status(SessionState.CONNECTED, phone="+573001234567", push_name="Café Andino", device="573001234567:2@s.whatsapp.net")


class FakeClient:
    """A host's client that tells one story, another one to who asks again, and then stays silent."""

    def __init__(self, story: list[SessionStatus], later: list[SessionStatus]) -> None:
        self.story = story
        self.later = later
        self.calls: list[tuple[Any, ...]] = []
        self.silence = threading.Event()

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.silence.set()

    def connect_account(self, account: str, *, network: Path | None = None, phone: str | None = None) -> None:
        self.calls.append(("connect", account, network, phone))

    def watch(self, account: str) -> Iterator[SessionStatus]:
        story, self.story = self.story, self.later
        yield from story
        self.silence.wait(30)

    def status(self, account: str) -> SessionStatus:
        return self.story[-1]

    def stop_account(self, account: str) -> None:
        self.calls.append(("stop", account))


def run(
    monkeypatch: pytest.MonkeyPatch, story: list[SessionStatus], *arguments: str, later: list[SessionStatus] | None = None
) -> tuple[int | str | None, FakeClient]:
    monkeypatch.setenv("WAKIT_LANG", "en")
    client = FakeClient(story, later or story)
    monkeypatch.setattr(login, "open_client", lambda: client)
    with pytest.raises(SystemExit) as ended:
        main(["login", *arguments])
    return ended.value.code, client


def test_login_draws_each_code_once_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a pipe a code is drawn once, however often it is told, and the next code again."""
    first, second = status(SessionState.QR, qr=QR), status(SessionState.QR, qr=f"{QR}2")
    code, _ = run(monkeypatch, [first, first, second, CONNECTED], "ana")
    out = capsys.readouterr().out
    assert Exit.OK == code
    assert 2 == out.count("Scan this code")
    assert "\x1b" not in out


def test_login_says_phone_and_device(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It ends by saying which phone is linked and as which device."""
    code, _ = run(monkeypatch, [CONNECTED], "ana")
    out = capsys.readouterr().out
    assert Exit.OK == code
    assert "+57 300 1234567 · Café Andino" in out
    assert "573001234567:2@s.whatsapp.net" in out


def test_login_follows_the_history_where_somebody_looks_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A freshly linked phone tells its past: a bar goes up to its end, in its place; then the command ends."""
    screens: list[Screen] = []
    monkeypatch.setattr(login, "Block", lambda: Block(screens.append(Screen()) or screens[-1]))  # type: ignore[arg-type, func-returns-value]
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coming = [CONNECTED.with_(history_percent=percent, history_messages=percent * 200) for percent in (50, 100)]
    code, _ = run(monkeypatch, [status(SessionState.QR, qr=QR), CONNECTED], "ana", later=coming)
    drawn = screens[-1].written
    assert Exit.OK == code
    assert f"{'█' * 15}{'░' * 15}  History: 50 %, 10\u202f000 messages" in drawn
    assert drawn.endswith(f"{'█' * 30}  History complete: 20\u202f000 messages\n")


def test_login_without_a_terminal_does_not_wait_for_a_history(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script goes on as soon as the account is connected."""
    story = [status(SessionState.QR, qr=QR), CONNECTED.with_(history_percent=50)]
    assert Exit.OK == run(monkeypatch, story, "ana")[0]
    assert "History" not in capsys.readouterr().out


def test_login_saves_a_picture_that_a_phone_can_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """``--png`` keeps the newest code as a private picture."""
    picture = tmp_path / "qr.png"
    run(monkeypatch, [status(SessionState.QR, qr="old"), status(SessionState.QR, qr=QR), CONNECTED], "ana", "--png", str(picture))
    with Image.open(picture) as image:
        assert [QR] == [found.text for found in zxingcpp.read_barcodes(image)]
    assert 0o600 == picture.stat().st_mode & 0o777


def test_login_by_code_reads_the_number_and_shows_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--phone`` takes a national number, says which country was assumed, and shows what to type."""
    monkeypatch.setenv("WAKIT_COUNTRY", "CO")
    story = [status(SessionState.PAIRING, pairing_code="FKPW-H7ER"), CONNECTED]
    _, client = run(monkeypatch, story, "ana", "--phone", "300 123 4567")
    out = capsys.readouterr().out
    assert ("connect", "ana", None, "+573001234567") == client.calls[0]
    assert "(country assumed: CO)" in out
    assert "FKPW-H7ER" in out


def test_login_on_an_emulated_network_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nobody takes the emulated network for WhatsApp, nor the other way round."""
    run(monkeypatch, [CONNECTED], "ana", "--network", str(tmp_path / "network.json"))
    assert "Emulated network: nothing leaves this machine." in capsys.readouterr().out
    run(monkeypatch, [CONNECTED], "ana")
    out = capsys.readouterr().out
    assert "Emulated" not in out
    assert "no official client" in out


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (SessionState.QR_EXPIRED, Exit.QR_EXPIRED),
        (SessionState.STALLED, Exit.STALLED),
        (SessionState.LOGGED_OUT, Exit.LOGGED_OUT),
        (SessionState.REPLACED, Exit.REPLACED),
        (SessionState.OUTDATED, Exit.OUTDATED),
        (SessionState.BANNED, Exit.BANNED),
        (SessionState.STORAGE_FULL, Exit.STORAGE_FULL),
    ],
)
def test_login_ends_with_a_number_for_each_ending(monkeypatch: pytest.MonkeyPatch, state: SessionState, expected: Exit) -> None:
    """A script can tell from the exit code why an account is not linked."""
    code, _ = run(monkeypatch, [status(SessionState.STARTING), status(state)], "ana")
    assert expected == code


def test_login_gives_up_when_time_is_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody scans: after ``--timeout`` it ends with its own number and the command to run again."""
    code, _ = run(monkeypatch, [status(SessionState.QR, qr=QR)], "ana", "--timeout", "1")
    assert Exit.TIMEOUT == code
    assert "wakit login ana" in capsys.readouterr().out


def test_login_cancelled_ends_the_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C stops the attempt in the host too, so that no code stays valid."""

    def interrupted(statuses: Iterator[SessionStatus], timeout: float) -> Iterator[SessionStatus]:
        yield next(statuses)
        raise KeyboardInterrupt

    monkeypatch.setattr(login, "newest", interrupted)
    code, client = run(monkeypatch, [status(SessionState.QR, qr=QR)], "ana")
    assert Exit.INTERRUPTED == code
    assert ("stop", "ana") == client.calls[-1]


def test_login_passes_on_what_the_host_refuses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A typed error of the stream becomes one line and the next step, not a traceback."""

    def refused(account: str) -> Iterator[SessionStatus]:
        raise login.LinkingFailed("The account could not be linked. Try again.")
        yield CONNECTED

    monkeypatch.setattr(FakeClient, "watch", lambda self, account: refused(account))
    code, _ = run(monkeypatch, [], "ana")
    assert Exit.SESSION == code
    assert "✗ The account could not be linked.\n  Try again.\n" == capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "expected", "word"),
    [
        (["../x"], Exit.INPUT, "'../x'"),
        (["ana", "--phone", "12"], Exit.INPUT, "'12'"),
        (["ana", "--png", "/no/such/folder/qr.png"], Exit.USAGE, "/no/such/folder"),
    ],
)
def test_login_refuses_bad_input_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: Exit, word: str
) -> None:
    """Bad input is named and nothing is created or asked of the host."""
    code, client = run(monkeypatch, [CONNECTED], *arguments)
    assert (expected, []) == (code, client.calls)
    assert word in capsys.readouterr().err


class Screen:
    """A terminal of a size that remembers what was written."""

    def __init__(self) -> None:
        self.written = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.written += text
        return len(text)

    def flush(self) -> None:
        """Everything is already there."""


def test_block_replaces_what_it_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal the next text takes the place of the last one, line for line."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    block = Block(Screen())  # type: ignore[arg-type]
    block.draw("one\ntwo")
    block.draw("three")
    assert "one\ntwo\n\x1b[2A\x1b[Jthree\n" == block._stream.written  # type: ignore[attr-defined]


def test_block_does_not_replace_what_scrolled_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text higher than the window is not redrawn in place: its top is out of reach."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "3")
    monkeypatch.setenv("TERM", "xterm")
    block = Block(Screen())  # type: ignore[arg-type]
    block.draw("1\n2\n3\n4")
    block.draw("five")
    assert "\x1b[4A" not in block._stream.written  # type: ignore[attr-defined]
