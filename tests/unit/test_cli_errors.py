from __future__ import annotations

import signal
from pathlib import Path

import pytest

from wakit import errors
from wakit.cli import main, workspaces
from wakit.cli.exits import Exit, exit_of_error, exit_of_send, exit_of_state
from wakit.model import SendState, SessionState


def ending(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def test_error_is_one_line_and_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outside a workspace one line says so, the next says what to run, and nothing goes to standard output."""
    monkeypatch.chdir(tmp_path)
    assert Exit.WORKSPACE == ending("status")
    out, err = capsys.readouterr()
    assert "" == out
    assert [f"✗ There is no wakit workspace in {str(tmp_path)!r} or above it.", "  Run: wakit init DIR, or set WAKIT_HOME."] == (
        err.splitlines()
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_run_that_a_signal_ended_ends_as_shells_count_it(number: signal.Signals, code: int) -> None:
    """Ctrl-C is one thing, a system that ends its programs another."""
    assert code == exit_of_error(errors.RunAborted("…", signal=number))


@pytest.mark.parametrize("arguments", [("--debug", "status"), ("status", "--debug")])
def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    """``--debug`` lets the error through, wherever it stands on the line."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.WorkspaceNotFound):
        main(list(arguments))


def test_debug_behind_two_dashes_is_text() -> None:
    """What stands behind ``--`` is the message, not an option."""
    assert Exit.INPUT == ending("send", "--", "../x", "573001234567", "--debug")


def test_error_is_red_only_for_eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Colour goes to a terminal, never to a file, and not where ``NO_COLOR`` is set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    ending("status")
    assert capsys.readouterr().err.startswith("\x1b[31m✗")
    monkeypatch.setenv("NO_COLOR", "1")
    ending("status")
    assert capsys.readouterr().err.startswith("✗")


def test_a_setting_that_cannot_be_used_is_named(
    workspace: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong ``WAKIT_…`` variable gives its name and value, not a traceback."""
    monkeypatch.setenv("WAKIT_LANG", "fr")
    assert Exit.INPUT == ending("status")
    assert "WAKIT_LANG='fr' cannot be used" in capsys.readouterr().err


def test_a_bug_is_one_line_without_its_content(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An exception that nobody expected says its type and place, not what it quotes; ``--debug`` says all."""

    def broken() -> None:
        raise KeyError("a private text")

    monkeypatch.setattr(workspaces, "lang", broken)
    assert Exit.ERROR == ending("lab")
    err = capsys.readouterr().err
    assert "✗ KeyError at test_cli_errors.py:" in err
    assert "private" not in err
    with pytest.raises(KeyError):
        main(["lab", "--debug"])


def test_usage_errors_end_with_two() -> None:
    """What the command line itself does not allow keeps the usual exit code."""
    assert Exit.USAGE == ending("login", "--nosuch")
    assert Exit.USAGE == ending("host", "start", "--certfile", "x")
    assert Exit.USAGE == ending("host", "start", "--tcp", "0", "--keyfile", "x")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (errors.InvalidPhoneNumber, Exit.INPUT),
        (errors.CorruptFile, Exit.WORKSPACE),
        (errors.NetworkDescriptorError, Exit.NETWORK),
        (errors.ForeignNetwork, Exit.NETWORK),
        (errors.PortInUse, Exit.HOST),
        (errors.NotLinked, Exit.SESSION),
        (errors.SendUnknown, Exit.SEND_UNKNOWN),
        (errors.InteractionRequired, Exit.INTERACTION),
        (errors.StorageFull, Exit.STORAGE_FULL),
        (errors.WakitError, Exit.ERROR),
    ],
)
def test_each_kind_of_error_has_its_number(kind: type[errors.WakitError], expected: Exit) -> None:
    """Scripts tell the kind of an error from the exit code."""
    assert expected is exit_of_error(kind())


def test_states_and_sends_have_numbers() -> None:
    """Only a connected account and an accepted message end with 0."""
    assert {SessionState.CONNECTED} == {state for state in SessionState if exit_of_state(state) is Exit.OK}
    assert {SendState.SENT, SendState.DELIVERED, SendState.READ} == {
        state for state in SendState if exit_of_send(state) is Exit.OK
    }
