"""
A real Chromium, driven by Playwright, and a real JupyterLab on an emulated network.

Where there is no Chromium these tests say so and are skipped. One JupyterLab serves
them all: each test has an account, a phone and a notebook of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.lab import jupyterlab
from browser.login_page import LoginPage, Shop
from hosts import ending
from network.shop import UNPACED

from wakit.emulator import Network
from wakit.paths import Workspace
from wakit.scaffold import scaffold

_HERE = ("http://127.0.0.1", "ws://127.0.0.1", "about:", "data:", "blob:")

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def at_once(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a host that a test starts send at any hour, as one does that a notebook starts."""
    for name, value in UNPACED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def chromium() -> Iterator[playwright_api.Browser]:
    """Return the machine's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no chromium on this machine (apt-get install chromium)")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screen(chromium: playwright_api.Browser) -> playwright_api.BrowserContext:
    """Return a window that may not speak to anything but this machine; JupyterLab's own code is loaded into it once."""
    context = chromium.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    context.route(lambda url: not url.startswith(_HERE), lambda route: route.abort())
    return context


@pytest.fixture
def page(screen: playwright_api.BrowserContext) -> Iterator[playwright_api.Page]:
    """Return a page; an error in it that nobody caught fails the test."""
    page = screen.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


@pytest.fixture(scope="session")
def shop(chromium: playwright_api.Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Return a workspace with JupyterLab on it, on an emulated network; its host ends with it."""
    folder = tmp_path_factory.mktemp("shop")
    workspace = Workspace(folder / "shop")
    scaffold(workspace.root)
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith(("WAKIT_", "JUPYTER", "LANG", "LC_"))]:
            environment.delenv(name)
        for name, value in UNPACED.items():
            environment.setenv(name, value)
        with Network(folder / "network") as network, ending(workspace):
            (folder / "lab").mkdir(mode=0o700)
            with jupyterlab(workspace, folder / "lab", network=network.descriptor) as address:
                yield Shop(network=network, workspace=workspace, address=address)


@pytest.fixture
def login(shop: Shop, page: playwright_api.Page, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoginPage]:
    """Return the login notebook of a new account in a page; its kernel ends with the test."""
    login = LoginPage.of(shop, page, request.node.name, tmp_path)
    yield login
    page.screenshot(path=tmp_path / "end.png")
    login.notebook.shut_down()
