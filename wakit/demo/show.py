"""``wakit demo``: JupyterLab before a person, and the shop's day behind it."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path

from wakit.demo.stage import Stage
from wakit.lab import Lab
from wakit.languages import Language, mark, speak
from wakit.paths import private_dir
from wakit.sentences import emulated

_NOTEBOOK = "notebooks/01_login.ipynb"
_TEXT = mark(
    "{emulated}\n"
    "The shop's phone: {phone} ({name}). Workspace: {workspace}\n\n"
    "  {url}\n\n"
    'Run the cell and press "Scan with the emulated phone". Ctrl-C ends everything.'
)


def show(language: Language, *, folder: Path | None = None, port: int = 0) -> None:
    """
    Open the stage and JupyterLab on it; return when JupyterLab is shut down.

    Args:
        language: Of what is said.
        folder: Where the demo is kept; unset, it is temporary.
        port: Of JupyterLab; 0 takes any.
    """
    with Stage(folder) as stage:
        folder = private_dir(stage.folder / "jupyter")
        lab = Lab(stage.workspace, folder, network=stage.network.descriptor, port=port, notebook=_NOTEBOOK)
        try:
            address = lab.address()
            said = speak(
                language,
                _TEXT,
                emulated=emulated(language),
                phone=stage.shop.phone.number.pretty,
                name=stage.shop.phone.name,
                workspace=stage.workspace.root,
                url=address.page(_NOTEBOOK),
            )
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
            stage.shop.open_when_linked()
            _open_browser(lab.door)
            lab.wait()
        finally:
            lab.stop()


def _open_browser(page: str) -> None:
    """Open *page* where there is a screen; a text browser would take the terminal over."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform == "darwin"):
        return
    try:
        webbrowser.get().open(page)
    except webbrowser.Error:
        return  # the address is on the terminal
