"""``wakit status`` where no host runs: what is on the disk, and nothing is started."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wakit.cli import main
from wakit.cli.exits import Exit
from wakit.hostfile import is_alive
from wakit.paths import Workspace
from wakit.session.account_file import AccountFile


@pytest.fixture
def linked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace with one account linked on an emulated network, and stand in it."""
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("WAKIT_LANG", "en")
    file = AccountFile(account="ana", network="emulated:0123456789abcdef", descriptor="/gone/network.json", push_name="Ana")
    file.linked("573001234567:2@s.whatsapp.net", "+573001234567", datetime.now(UTC)).save(workspace)
    return workspace


def status(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as ended:
        main(["status", *arguments])
    return ended.value.code


def test_status_without_a_host_tells_what_is_linked(linked: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """The accounts, the network and that nothing is received; no host is started for it."""
    assert Exit.OK == status()
    out = capsys.readouterr().out
    assert "ana · +57 300 1234567 · Ana · Emulated network" in out
    assert "The host is not running" in out
    assert not is_alive(linked)


def test_status_of_an_account_is_its_exit_code(linked: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A script that asks for one account learns its state from the exit code."""
    assert Exit.STOPPED == status("ana")
    assert Exit.SESSION == status("beto")
    assert "wakit login beto" in capsys.readouterr().err


def test_status_as_json_has_no_codes(linked: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` gives one object for an account and a list for all, without fields for codes."""
    status("ana", "--json")
    one = json.loads(capsys.readouterr().out)
    status("--json")
    (same,) = json.loads(capsys.readouterr().out)
    assert ("ana", "stopped", "+573001234567") == (one["account"], one["state"], one["phone"])
    assert one.keys() == same.keys()
    assert not {"qr", "pairing_code"} & one.keys()


def test_status_of_an_empty_workspace_says_what_to_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is linked yet: the next step is there, in the language that was asked for."""
    monkeypatch.setenv("WAKIT_HOME", str(workspace.root))
    assert Exit.OK == status()
    assert "Ejecuta: wakit login" in capsys.readouterr().out


def test_status_names_a_damaged_account_file(linked: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is named and left as it is."""
    file = linked.account_file("ana")
    file.write_text("{")
    assert Exit.WORKSPACE == status()
    assert str(file) in capsys.readouterr().err
    assert "{" == file.read_text()


def test_logout_without_anybody_to_ask_needs_yes(
    linked: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script cannot log out by accident."""
    from wakit.cli import accounts

    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(accounts.InteractionRequired, match="wakit logout ana --yes"):
        accounts._confirmed("?", "ana")


def test_init_says_what_it_made_and_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new user reads the next command; the second time nothing was changed."""
    monkeypatch.chdir(tmp_path)
    for word in ("creado", "ya estaba, sin cambios"):
        with pytest.raises(SystemExit) as ended:
            main(["init", "tienda"])
        assert Exit.OK == ended.value.code
        out = capsys.readouterr().out
        assert f"notebooks/01_login.ipynb: {word}" in out
        assert "cd tienda" in out
