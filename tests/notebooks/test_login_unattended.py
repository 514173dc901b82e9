"""The login notebook where nobody sits before it: papermill and nbclient, with a real host on an emulated network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hosts import ending
from nbclient import NotebookClient
from scripted_client import PAIRING_CODE, PHONE, PUSH_NAME, QR_TEXT

import wakit
from wakit import qr_image
from wakit.emulator import Network
from wakit.lab import lab_environment
from wakit.model import SessionState
from wakit.paths import Workspace
from wakit.scaffold import notebooks
from wakit.widgets.card import QR_SCALE

#: An analyst waits for a notebook no longer than this.
LIMIT = 30.0


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A workspace on an emulated network."""

    network: Network
    workspace: Workspace

    def run(self) -> nbformat.NotebookNode:
        """Run the shipped notebook from top to bottom, as papermill's engine does, widget state included."""
        notebook = nbformat.read(notebooks() / "01_login.ipynb", as_version=4)
        client = NotebookClient(notebook, timeout=60, allow_errors=True, store_widget_state=True)
        client.execute(cwd=str(self.workspace.root), env=lab_environment(self.workspace, network=self.network.descriptor))
        return notebook


@pytest.fixture
def shop(workspace: Workspace, tmp_path: Path) -> Iterator[Shop]:
    """Return a workspace without accounts; its host ends with the test."""
    with Network(tmp_path / "network") as network, ending(workspace):
        yield Shop(network=network, workspace=workspace)


def outputs(notebook: nbformat.NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells for output in cell.get("outputs", []) if output.output_type != "stream"]


def test_unattended_notebook_refuses_to_prompt(shop: Shop) -> None:
    """Without a linked account the run ends with a typed error that says what to run, and nobody was asked to scan."""
    notebook = shop.run()
    (error,) = [output for output in outputs(notebook) if output.output_type == "error"]
    assert "InteractionRequired" == error.ename
    assert "wakit login default" in error.evalue
    assert "widgets" not in notebook.metadata


def test_unattended_notebook_of_a_linked_account_runs_to_its_end(shop: Shop) -> None:
    """With a linked account the run needs no person, takes seconds, and its copy keeps neither number nor name."""
    phone = shop.network.phone("+57 300 123 4567", name=PUSH_NAME)
    with wakit.connect(shop.workspace) as client:
        client.connect_account("default", network=shop.network.descriptor)
        states = client.watch("default")
        phone.scan_text(next(status.qr for status in states if status.qr))
        next(status for status in states if status.state is SessionState.CONNECTED)
    began = time.monotonic()
    notebook = shop.run()
    assert time.monotonic() - began < LIMIT
    assert [] == [output for output in outputs(notebook) if output.output_type == "error"]
    texts = [output.data["text/plain"] for output in outputs(notebook)]
    assert "● Conectado · default · Red emulada" in texts
    assert [] == [secret for secret in (PHONE, "3001234567", "300 1234567", PUSH_NAME) if secret in json.dumps(notebook)]


CARDS = """
import time
from scripted_client import ScriptedClient, connected, showing_code, showing_qr
from wakit.widgets import LoginWidget

cards = [
    LoginWidget("default", ScriptedClient(moment(phone="+573001234567", push_name="Café Andino")).open, "es")
    for moment in (showing_qr, showing_code, connected)
]
deadline = time.monotonic() + 20
while not all(card._card.view.status for card in cards) and time.monotonic() < deadline:
    time.sleep(0.05)
time.sleep(1.5)  # a beat
display(*cards)
[card._card.view.state.value for card in cards]
"""


def test_stored_widget_state_has_no_secret(workspace: Workspace) -> None:
    """Whatever cards show, the widget state that nbclient and papermill store has no code, picture, number or name."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CARDS)])
    environment = {**lab_environment(workspace), "PYTHONPATH": str(Path(__file__).parents[1])}
    NotebookClient(notebook, timeout=60, store_widget_state=True).execute(cwd=str(workspace.root), env=environment)
    notebook.cells[0].source = ""
    stored = json.dumps(notebook, ensure_ascii=False)
    assert stored.count('"_anywidget_id": "wakit.widgets.login.LoginWidget"') == 3
    assert "['qr', 'pairing', 'connected']" in stored
    picture = qr_image.data_url(QR_TEXT, scale=QR_SCALE).partition(",")[2]
    secrets = (QR_TEXT, picture, PAIRING_CODE, PHONE, "300 1234567", PUSH_NAME)
    assert [] == [secret for secret in secrets if secret in stored]
