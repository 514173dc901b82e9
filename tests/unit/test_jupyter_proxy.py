"""The host below ``/wakit/`` of a real Jupyter server, and its entry in the launcher."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest
from hosts import ending

import wakit
from wakit.errors import WorkspaceNotFound
from wakit.jupyter_proxy import server
from wakit.lab import Lab
from wakit.paths import Workspace, private_dir


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Workspace]]:
    """Return a Jupyter server on a workspace whose host does not run yet."""
    folder = tmp_path_factory.mktemp("proxy")
    with ending(Workspace(folder / "shop").create()) as workspace:
        lab = Lab(workspace, private_dir(folder / "jupyter"))
        yield lab, workspace
        lab.stop()


def test_host_is_seen_behind_the_login_of_jupyter(jupyter: tuple[Lab, Workspace]) -> None:
    """With Jupyter's token the API and its page answer once a host runs; without it nobody gets there."""
    lab, workspace = jupyter
    address = lab.address()
    allowed = {"authorization": f"token {address.token}"}
    with httpx.Client(base_url=f"{address.url}wakit/", trust_env=False, timeout=30) as client:
        assert client.get("api/health", headers=allowed).status_code >= 500
        with wakit.connect(workspace) as wa:
            pid = wa.host_info.pid
        assert client.get("api/health", headers=allowed).json()["pid"] == pid
        page = client.get("api/docs", headers=allowed)
        assert "docs/docs.js" in page.text
        assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
        assert client.get("api/openapi.json", headers=allowed).json()["info"]["title"]
        form = {**allowed, "content-type": "text/plain"}
        assert client.post("api/host/stop", headers=form, content=b"{}").status_code in {403, 415}
    stranger = httpx.get(f"{address.url}wakit/api/health", trust_env=False, timeout=30)  # the client has Jupyter's cookie by now
    assert stranger.status_code in {302, 403}
    assert "pid" not in stranger.text


def test_launcher_offers_the_documentation(jupyter: tuple[Lab, Workspace]) -> None:
    """The entry has a title, a picture that is there, and leads to the page."""
    address = jupyter[0].address()
    answer = httpx.get(
        f"{address.url}server-proxy/servers-info",
        headers={"authorization": f"token {address.token}"},
        trust_env=False,
        timeout=30,
    )
    (entry,) = [one["launcher_entry"] for one in answer.json()["server_processes"] if one["name"] == "wakit"]
    assert (entry["enabled"], entry["title"], entry["path_info"]) == (True, "wakit API", "wakit/api/docs")


def test_outside_of_a_workspace_there_is_nothing_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter then goes on without it; in a workspace it is told the socket, and the entry point is this one."""
    monkeypatch.delenv("WAKIT_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkspaceNotFound):
        server()
    monkeypatch.setenv("WAKIT_HOME", str(tmp_path))
    told = server()
    assert told["unix_socket"] == str(Workspace(tmp_path).socket)
    assert Path(told["launcher_entry"]["icon_path"]).read_text().startswith("<svg")
    (found,) = entry_points(group="jupyter_serverproxy_servers", name="wakit")
    assert found.load() is server
