"""
A real JupyterLab, as a person has it, and the few moves that tests make in it.

Learnt by flaky runs: cells are run by JupyterLab's own commands because clicks by
coordinates hit the wrong cell, and the toolbar says "idle" before there is a
kernel, so readiness is asked of the session itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from wakit.lab import Lab, LabAddress
from wakit.paths import Workspace

#: Milliseconds: JupyterLab and a kernel start slowly on a busy machine.
PATIENCE = 60_000

_READY = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const session = app.shell.currentWidget.sessionContext;
  await session.ready;
  const until = Date.now() + 50000;
  const kernel = () => session.session?.kernel;
  while (!(kernel()?.connectionStatus === 'connected' && kernel()?.status === 'idle')) {
    if (Date.now() > until) throw new Error(`kernel: ${kernel()?.connectionStatus} ${kernel()?.status}`);
    await new Promise((done) => setTimeout(done, 50));
  }
  await kernel().info;
}"""


@contextmanager
def jupyterlab(workspace: Workspace, folder: Path, *, network: Path | None = None) -> Iterator[LabAddress]:
    """Run JupyterLab on *workspace* with the settings that let a test look at all cells."""
    config = folder / "config"
    _write(config / "jupyter_lab_config.json", {"LabApp": {"expose_app_in_browser": True}})
    tracker = config / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    _write(tracker, {"windowingMode": "none"})
    lab = Lab(workspace, folder, network=network)
    try:
        yield lab.address()
    finally:
        lab.stop()


class Notebook:
    """One notebook in one page."""

    def __init__(self, page: Page, address: LabAddress, path: str) -> None:
        self.page = page
        self._url = f"{address.page(path)}&reset"
        # JupyterLab asks before it leaves an unsaved notebook.
        page.on("dialog", lambda dialog: dialog.accept())
        page.set_default_timeout(PATIENCE)

    def open(self) -> Notebook:
        """Open the notebook and wait for its kernel."""
        self.page.goto(self._url)
        return self._ready()

    def reload(self) -> Notebook:
        """Reload the page, as F5 does."""
        self.page.reload()
        return self._ready()

    def run_all(self) -> None:
        """Run all cells, from top to bottom."""
        self._command("notebook:run-all-cells")

    def run_cell(self, index: int) -> None:
        """Run one cell to its end."""
        self._activate(index)
        self._command("notebook:run-cell")

    def start_cell(self, index: int) -> None:
        """Start one cell and go on."""
        self._activate(index)
        self.page.evaluate("() => { jupyterapp.commands.execute('notebook:run-cell'); }")

    def write_cell(self, index: int, source: str) -> None:
        """Replace what stands in a cell."""
        self._activate(index)
        content = "jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel"
        self.page.evaluate(f"(source) => {{ {content}.setSource(source); }}", source)

    def restart_kernel(self) -> Notebook:
        """Restart the kernel, as the toolbar does after its question."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
        return self._ready()

    def shut_down(self) -> None:
        """End the kernel and leave the page as it is."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def save(self) -> None:
        """Save the notebook."""
        self._command("docmanager:save")

    def dark(self) -> None:
        """Turn the lights off."""
        paper = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color1')"
        bright = self.page.evaluate(paper)
        self._command("apputils:change-theme", theme="JupyterLab Dark")
        self.page.wait_for_function(f"(bright) => {paper} !== bright", arg=bright)
        self._unveiled()

    def light(self) -> None:
        """Turn them on again; JupyterLab remembers."""
        self._command("apputils:change-theme", theme="JupyterLab Light")
        self._unveiled()

    def narrow(self) -> None:
        """Hold it as a telephone is held, with the file browser closed."""
        self.page.evaluate("() => jupyterapp.shell.collapseLeft()")
        self.page.set_viewport_size({"width": 360, "height": 740})

    def outputs(self, text: str = "") -> Locator:
        """Return what cells have shown; sources, which say the same words, are left out."""
        return self.page.locator(".jp-OutputArea-output", has_text=text)

    @property
    def cards(self) -> Locator:
        """The login cards of the page."""
        return self.page.locator(".jp-OutputArea-output .wakit-login")

    def _ready(self) -> Notebook:
        self.page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.sessionContext")
        self.page.evaluate(_READY)
        return self

    def _unveiled(self) -> None:
        """Wait until JupyterLab takes the logo away that it shows over everything while its colours change."""
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def _activate(self, index: int) -> None:
        self.page.evaluate("(index) => { jupyterapp.shell.currentWidget.content.activeCellIndex = index; }", index)

    def _command(self, name: str, **arguments: Any) -> None:
        self.page.evaluate("([name, arguments]) => jupyterapp.commands.execute(name, arguments)", [name, arguments])


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
