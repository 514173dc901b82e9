"""What a demo stands on: its folders, its emulated network and its host, with one common end."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from wakit import autostart
from wakit.demo.shop import DemoShop
from wakit.emulator import Network
from wakit.paths import Workspace, private_dir
from wakit.scaffold import Placed, scaffold

#: A demo shows the same at any hour and does not last for hours, so what is automated waits for nothing.
_AT_ONCE = {
    "WAKIT_QUIET_HOURS": "",
    "WAKIT_QUIET_WEEKDAYS": "",
    "WAKIT_QUIET_HOLIDAYS": "off",
    "WAKIT_PACING_PAUSE_MIN": "0",
    "WAKIT_PACING_PAUSE_MAX": "0",
}


class Stage:
    """The set of a demo; leaving it ends the host, its workers and the network, and removes a temporary folder."""

    def __init__(self, folder: Path | None = None) -> None:
        """
        Prepare a stage; ``with`` builds it.

        Args:
            folder: Where it is kept for the next time; unset, it is temporary.
        """
        self._folder = folder
        self._ends = contextlib.ExitStack()
        self.folder: Path
        self.workspace: Workspace
        self.placed: list[Placed]
        self.network: Network
        self.shop: DemoShop
        #: Does one thing beside the scenario.
        self.aside: ThreadPoolExecutor

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as ends:
            if self._folder is None:
                self.folder = Path(tempfile.mkdtemp(prefix="wakit-demo-"))
                ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
            else:
                self.folder = private_dir(self._folder.absolute())
            for name in _AT_ONCE.keys() - os.environ.keys():  # the host takes them over; what somebody set counts
                os.environ[name] = _AT_ONCE[name]
                ends.callback(os.environ.pop, name, None)
            self.workspace = Workspace(self.folder / "workspace")
            ends.callback(self._remove_socket_folder)
            self.placed = scaffold(self.workspace.root)
            self.network = ends.enter_context(Network(state=private_dir(self.folder / "network")))
            self.shop = DemoShop(self.network)
            ends.callback(self.shop.close)
            ends.callback(autostart.stop, self.workspace)
            self.aside = ends.enter_context(ThreadPoolExecutor(1, thread_name_prefix="demo"))
            self._ends = ends.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ends.close()

    def _remove_socket_folder(self) -> None:
        """Remove what a host with a long path leaves for the next one: the folder that its socket was in."""
        if self.workspace.socket.parent != self.workspace.sessions:
            shutil.rmtree(self.workspace.socket.parent, ignore_errors=True)
