"""A run that does not end well tells a chat, a webhook or a command, and its own error stands whatever comes of that."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from receiver import receiving

from wakit import client
from wakit.cli.terminal import complain
from wakit.config import Settings
from wakit.errors import InvalidInput, RunBusy, RunFailed, WakitError
from wakit.paths import Workspace
from wakit.runs import alarm
from wakit.runs.alarm import alarmed

FAILED = RunFailed("The run r1 of 'avisos' is failed: ValueError: +573001234567 is wrong", run="r1")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings that a test may change."""
    values: dict[str, Any] = {"lang": "en", "country": "CO", "webhook_hosts": "127.0.0.1"}
    monkeypatch.setattr(alarm, "settings", lambda: Settings(**values))
    return values


def fail(tmp_path: Path, *whom: str, error: Exception = FAILED) -> list[str]:
    """Let a run fail and return what was noted of those who could not be told."""
    error.__notes__ = []
    with pytest.raises(type(error)) as raised, alarmed(whom, Workspace(tmp_path), "avisos", "ventas"):
        raise error
    assert raised.value is error
    return raised.value.__notes__


def command(tmp_path: Path, code: int = 0) -> str:
    """Return a destination that writes down what it is told."""
    program = tmp_path / "told.py"
    lines = (
        "import os, pathlib, sys",
        "said = sys.stdin.read() + os.environ['WAKIT_SAYS']",
        f"pathlib.Path({str(tmp_path / 'told')!r}).write_text(said)",
        "print('no room', file=sys.stderr)",
        f"sys.exit({code})",
    )
    program.write_text("\n".join(lines))
    return f"command:{sys.executable} '{program}'"


@pytest.mark.usefixtures("settings")
def test_command_gets_the_notice_and_the_text(tmp_path: Path) -> None:
    """As JSON on its input and as one sentence; numbers are masked."""
    assert fail(tmp_path, command(tmp_path)) == []
    noticed, text = (tmp_path / "told").read_text().splitlines()
    notice = json.loads(noticed)
    assert (notice["run"], notice["code"], notice["job"], notice["account"]) == ("r1", "run-failed", "avisos", "ventas")
    assert notice["text"] == text
    assert text.startswith("The run of avisos did not end well. The run r1 of 'avisos' is failed: ValueError: ")
    assert "3001234567" not in noticed


@pytest.mark.usefixtures("settings")
def test_webhook_gets_the_notice(tmp_path: Path) -> None:
    """One post, also from within a loop that goes on, as a notebook has one."""
    import asyncio

    async def in_a_notebook(url: str) -> list[str]:
        return fail(tmp_path, url)

    with receiving() as receiver:
        assert asyncio.run(in_a_notebook(receiver.url)) == []
    assert [post.event["code"] for post in receiver.posts] == ["run-failed"]


def test_chat_gets_the_text_in_the_language_of_the_settings(
    tmp_path: Path, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is queued for the account of the run, once for each run, and nobody waits for it; the setting says whom."""
    sent: list[tuple[Any, ...]] = []

    class Asked:
        def __enter__(self) -> Asked:
            return self

        def __exit__(self, *_: object) -> None: ...

        def send(self, to: str, text: str, **more: Any) -> None:
            sent.append((to, text, more))

    monkeypatch.setattr(client, "connect", lambda _: Asked())
    settings.update(lang="es", run_notify="chat:300 123 4567")
    assert fail(tmp_path) == []
    ((to, text, more),) = sent
    assert to == "573001234567@s.whatsapp.net"
    assert text.startswith("La ejecución de avisos no terminó bien. ")
    assert more == {"account": "ventas", "wait": 0, "idempotency_key": f"run-alarm-r1-{to}"}


@pytest.mark.usefixtures("settings")
def test_who_cannot_be_told_is_noted_and_hides_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are told, the error is the run's, the terminal shows both, and no secret of an address."""
    with receiving(lambda *_: 500) as receiver:
        notes = fail(tmp_path, receiver.url, "command:/no/such/program token", command(tmp_path, 3))
    assert (tmp_path / "told").exists()
    assert [note.partition(" could not be told: ")[0] for note in notes] == [
        receiver.url.removesuffix("/hook"),
        "command:/no/such/program",
        f"command:{sys.executable}",
    ]
    assert "HTTP 500" in notes[0]
    assert "no room" in notes[2]
    complain(FAILED)
    shown = capsys.readouterr().err
    assert [note for note in notes if note not in shown] == []


@pytest.mark.usefixtures("settings")
def test_busy_is_no_failure_and_a_mistake_is_one(tmp_path: Path) -> None:
    """A second run of a job tells nobody; what is no error of ours is told by its type alone."""
    fail(tmp_path, command(tmp_path), error=RunBusy("busy"))
    assert not (tmp_path / "told").exists()
    fail(tmp_path, command(tmp_path), error=ZeroDivisionError("Ana 1234"))
    assert json.loads((tmp_path / "told").read_text().splitlines()[0])["error"] == "ZeroDivisionError"
    with alarmed([command(tmp_path)], Workspace(tmp_path), "avisos", "ventas"):
        (tmp_path / "told").unlink()
    assert not (tmp_path / "told").exists()


@pytest.mark.parametrize(
    "whom", ["", "Ana", "chat:", "chat:12", "command:", "command:'a", "http://a.example/", "https://", "mailto:a@b"]
)
@pytest.mark.usefixtures("settings")
def test_nobody_who_could_be_told_is_refused_before(tmp_path: Path, whom: str) -> None:
    """Before anything is begun."""
    with pytest.raises(WakitError) as refused, alarmed([whom], Workspace(tmp_path), "avisos", "ventas"):
        pytest.fail("it was begun")
    assert isinstance(refused.value, InvalidInput)
