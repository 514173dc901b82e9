from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from wakit.errors import PortInUse
from wakit.lab import Lab, lab_command, lab_environment
from wakit.paths import Workspace, private_dir


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Return a JupyterLab on a workspace with a session and a database in it."""
    folder = tmp_path_factory.mktemp("lab")
    workspace = Workspace(folder / "shop").create()
    (workspace.root / "notebooks").mkdir()
    (workspace.data / "wakit.duckdb").touch()
    running = Lab(workspace, private_dir(folder / "jupyter"))
    yield running
    running.stop()


@pytest.fixture
def http(lab: Lab) -> Iterator[httpx.Client]:
    """Return a client that may ask JupyterLab."""
    address = lab.address()
    with httpx.Client(base_url=address.url, headers={"Authorization": f"token {address.token}"}, trust_env=False) as client:
        yield client


def test_lab_listens_on_this_machine_and_asks_for_a_token(lab: Lab) -> None:
    """It is on loopback, and nobody gets in without the token."""
    address = lab.address()
    assert address.url.startswith("http://127.0.0.1:")
    assert 403 == httpx.get(f"{address.url}api/contents", trust_env=False).status_code


def test_lab_keeps_the_token_off_command_lines(lab: Lab) -> None:
    """Other users see command lines; the token is in a private file and behind a private page."""
    token = lab.address().token
    command = Path(f"/proc/{lab.pid}/cmdline").read_bytes()
    door = Path(lab.door.removeprefix("file://"))
    assert token.encode() not in command
    assert token in door.read_text()
    assert 0o700 == door.parent.stat().st_mode & 0o777


def test_lab_shows_notebooks_and_hides_sessions_and_databases(http: httpx.Client) -> None:
    """The file browser does not offer what must not be opened or copied."""
    shown = {item["name"] for item in http.get("api/contents").json()["content"]}
    assert {"notebooks", "data"} == shown
    assert [] == [item["name"] for item in http.get("api/contents/data").json()["content"] if "duckdb" in item["name"]]


def test_lab_asks_nobody_outside(http: httpx.Client) -> None:
    """News, updates and extensions would be fetched from elsewhere; all three are off."""
    assert ({"news": []}, {"notification": None}) == (http.get("lab/api/news").json(), http.get("lab/api/update").json())
    notification = http.get("lab/api/settings/@jupyterlab/apputils-extension:notification").json()
    assert "false" == notification["schema"]["properties"]["fetchNews"]["default"]


def test_lab_saves_no_widget_state(http: httpx.Client) -> None:
    """A saved notebook has no state of widgets in it, whatever JupyterLab's own default becomes."""
    widgets = http.get("lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin").json()
    assert widgets["schema"]["properties"]["saveState"]["default"] is False


def test_lab_on_a_port_in_use_names_it(workspace: Workspace, tmp_path: Path) -> None:
    """A taken port is a typed error with its number, not another port that nobody asked for."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        lab = Lab(workspace, private_dir(tmp_path / "jupyter"), port=port)
        try:
            with pytest.raises(PortInUse, match=str(port)):
                lab.address()
        finally:
            lab.stop()


def test_lab_command_takes_root_and_browser_into_account(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only root needs to say so, a browser is opened unless refused, and a port is never exchanged for another."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert {"--allow-root", "--no-browser", "--ServerApp.port_retries=0"} <= set(lab_command(workspace, port=1, browser=False))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not {"--allow-root", "--no-browser", "--ServerApp.port_retries=0"} & set(lab_command(workspace))


def test_lab_environment_leads_kernels_to_the_workspace(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels find workspace and network wherever a notebook lies; the user's own Jupyter settings stay in reach."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    environment = lab_environment(workspace, network=Path("/n/network.json"))
    assert (str(workspace.root), "/n/network.json") == (environment["WAKIT_HOME"], environment["WAKIT_NETWORK"])
    ours, mine = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert "/mine" == mine
    assert "127.0.0.1" == json.loads((Path(ours) / "jupyter_server_config.json").read_text())["ServerApp"]["ip"]
