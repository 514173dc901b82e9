"""Every shipped notebook under nbval, where nobody sits before it: a real host and a linked account on the emulated network."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from hosts import until
from network.hosted import BUSINESS, CUSTOMER, hosted

import wakit
from wakit.client import Client
from wakit.emulator import Network
from wakit.lab import lab_environment
from wakit.paths import Workspace
from wakit.qr_image import png
from wakit.scaffold import notebooks, scaffold

pytestmark = pytest.mark.network

#: An analyst waits for a notebook no longer than this.
LIMIT = 30.0
#: A report asks for dozens of figures and draws them; nobody sits before it.
REPORT_LIMIT = 100.0
#: ``test_report_notebooks`` runs it, as a report is run.
_RUN_THERE = "07_overview.ipynb"
NAMES = sorted(file.name for file in notebooks().glob("*.ipynb"))


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The notebooks of a shop whose account is linked and has been written to."""

    folder: Path
    environment: dict[str, str]
    client: Client

    def run(self, name: str) -> subprocess.CompletedProcess[str]:
        """Run one notebook as the README says."""
        command = [sys.executable, "-m", "pytest", "--nbval-lax", "-q", "-p", "no:cacheprovider", "-c", os.devnull, name]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Return the notebooks of a workspace with one linked account, a customer and a conversation."""
    folder = tmp_path_factory.mktemp("desk")
    workspace = Workspace(folder / "shop")
    scaffold(workspace.root)
    with Network(folder / "network") as network, hosted(workspace, network) as shop:
        shop.link(network.phone(BUSINESS, name="Café Andino"))
        network.phone(CUSTOMER, name="Ana").send(BUSINESS, "¿Tienen café molido?")
        until(lambda: len(shop.client.messages()) > 0)
        environment = lab_environment(workspace, network=network.descriptor)
        yield Desk(folder=workspace.root / "notebooks", environment=environment, client=shop.client)


@pytest.mark.parametrize("name", [name for name in NAMES if name != _RUN_THERE])
def test_notebook_runs_offline(desk: Desk, name: str) -> None:
    """No cell fails, and all of them together take less time than a person waits."""
    began = time.monotonic()
    done = desk.run(name)
    assert 0 == done.returncode, done.stdout[-3000:]
    assert time.monotonic() - began < (REPORT_LIMIT if name[:2] in {"08", "09", "10"} else LIMIT)


def test_notification_may_have_a_picture(desk: Desk) -> None:
    """What stands in its parameter ``media`` goes to each, with their text below it."""
    (desk.folder / "cartel.png").write_bytes(png("Café Andino"))
    desk.client.opt_in(CUSTOMER, "transactional", text="Sí, avísenme por aquí")
    values = {"media": "cartel.png", "audience": f"SELECT '{CUSTOMER}' AS phone, 'Ana' AS name", "wait": 0}
    done = wakit.run(desk.folder / "05_notify.ipynb", values, send=True, workspace=desk.client.workspace).run
    assert done.result["recipients"] == 1
    (send,) = [one for one in desk.client.sends() if one.campaign is not None]
    assert (send.type, send.to) == ("image", f"{CUSTOMER.replace(' ', '').removeprefix('+')}@s.whatsapp.net")


@pytest.mark.parametrize("name", NAMES)
def test_notebook_is_shipped_clean(name: str) -> None:
    """It has parameters to set from outside, and neither outputs nor widgets' state."""
    notebook = nbformat.read(notebooks() / name, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert any("parameters" in cell.metadata.get("tags", []) for cell in code)
    assert [] == [cell.id for cell in code if cell.outputs or cell.execution_count]
    assert "widgets" not in notebook.metadata
