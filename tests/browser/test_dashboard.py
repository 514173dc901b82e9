"""The dashboard in Voilà: a page without code, where a person sees the account and its messages, and sends."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser.login_page import PATIENCE, Shop
from hosts import until
from playwright.sync_api import Page, expect

from wakit.emulator.phone import Phone
from wakit.lab import lab_environment


@pytest.fixture
def phone(shop: Shop) -> Phone:
    """Return the phone of the account."""
    return shop.new_phone()


@pytest.fixture
def address(shop: Shop, phone: Phone, tmp_path: Path) -> Iterator[str]:
    """Serve the dashboard of that account, as the README says."""
    account, folder = shop.new_account("dashboard"), shop.workspace.root / "notebooks"
    shop.link(account, phone)
    notebook = nbformat.read(folder / "dashboard.ipynb", as_version=4)
    notebook.cells[1].source = f"account = {account!r}\nprivate = False"
    nbformat.write(notebook, folder / "page.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", "--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", "page.ipynb"]
    environment = lab_environment(shop.workspace, network=shop.network.descriptor)
    with (tmp_path / "voila.log").open("wb") as log:
        voila = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    until(lambda: _answers(port), 60)
    yield f"http://127.0.0.1:{port}/"
    voila.terminate()
    voila.wait(20)


def test_dashboard_shows_the_account_and_sends(shop: Shop, phone: Phone, address: str, page: Page, tmp_path: Path) -> None:
    """State and messages are there without a line of code, and what is written arrives on the other phone."""
    ana = shop.network.phone("+57 300 987 6601", name="Ana")
    ana.send(phone.jid, "¿Tienen café molido?")
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    expect(page.locator(".wakit-status")).to_contain_text("Conectado", timeout=60_000)
    expect(page.locator(".wakit-login")).to_contain_text("Conectado", timeout=PATIENCE)
    page.locator(".wakit-inbox .wakit-person", has_text="café molido").click(timeout=PATIENCE)
    expect(page.locator(".wakit-inbox .wakit-row-of", has_text="café molido")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("wakit.connect()")).to_have_count(0)
    page.screenshot(path=tmp_path / "voila.png", full_page=True)
    page.locator(".wakit-inbox textarea").fill("¡Claro que sí!")
    page.keyboard.press("Enter")
    ana.wait_for(text="¡Claro que sí!")
    expect(page.locator(".wakit-inbox .wakit-thread .wakit-row-of", has_text="Claro que sí")).to_be_visible(timeout=PATIENCE)


def _answers(port: int) -> bool:
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0
