"""
JupyterLab on a workspace, with safe settings.

The settings are files in ``templates/jupyter`` that Jupyter reads before the
user's own: loopback only, sessions and databases not listed, no widget state in
saved notebooks, and nothing fetched from outside (news, updates, extensions).
The token is never on a command line: Jupyter makes one and writes it, readable
by its owner only, where ``Lab`` finds it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wakit.errors import PortInUse, WakitError
from wakit.paths import Workspace, private_dir

_SETTINGS = Path(__file__).parent / "templates" / "jupyter"
_POLL = 0.05
#: JupyterLab answers after 4 to 10 seconds on a small machine, later on a busy one.
START_TIMEOUT = 90.0
STOP_TIMEOUT = 15.0


def lab_command(workspace: Workspace, *, port: int | None = None, browser: bool = True, notebook: str | None = None) -> list[str]:
    """
    Return the command that runs JupyterLab on *workspace*.

    Args:
        workspace: Its root is all that JupyterLab shows.
        port: Taken or refused; unset, any free port from 8888 on.
        browser: Whether JupyterLab opens one.
        notebook: What it opens first.
    """
    command = [sys.executable, "-m", "jupyterlab", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={workspace.root}"]
    if port is not None:
        command += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    if not browser:
        command.append("--no-browser")
    if notebook is not None:
        command.append(f"--LabApp.default_url=/lab/tree/{notebook}")
    if os.geteuid() == 0:
        command.append("--allow-root")
    return command


def lab_environment(workspace: Workspace, *, network: Path | None = None) -> dict[str, str]:
    """Return this process's environment with what Jupyter and its kernels must know."""
    paths = (str(_SETTINGS), os.environ.get("JUPYTER_CONFIG_PATH"))
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(path for path in paths if path),
        "WAKIT_HOME": str(workspace.root.absolute()),
    }
    if network is not None:
        environment["WAKIT_NETWORK"] = str(network)
    return environment


@dataclass(frozen=True, kw_only=True)
class LabAddress:
    """Where a running JupyterLab is found."""

    url: str
    token: str

    def page(self, notebook: str) -> str:
        """Return the address of one notebook, with the token that lets a browser in."""
        return f"{self.url}lab/tree/{notebook}?token={self.token}"


class Lab:
    """A JupyterLab of our own that ends with us."""

    def __init__(
        self, workspace: Workspace, folder: Path, *, network: Path | None = None, port: int = 0, notebook: str | None = None
    ) -> None:
        """
        Start JupyterLab.

        Args:
            workspace: Where it works.
            folder: Private folder for its log, its run-time files and its settings.
            network: Descriptor of the emulated network for the kernels.
            port: Where it listens; 0 takes any free port.
            notebook: What it opens first.
        """
        self._runtime = private_dir(folder / "runtime")
        self._log = folder / "jupyter.log"
        environment = {
            **lab_environment(workspace, network=network),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        self._port = port
        with self._log.open("wb") as log:
            # A session of its own: on Ctrl-C we end it; alone it would ask for a confirmation.
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                lab_command(workspace, port=port, browser=False, notebook=notebook),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def door(self) -> str:
        """A private page that leads a browser in; a URL with the token would stand on the browser's command line."""
        return (self._runtime / f"jpserver-{self.pid}-open.html").as_uri()

    def address(self) -> LabAddress:
        """
        Wait until JupyterLab listens and return where.

        Raises:
            PortInUse: Something else has the port.
            WakitError: It ended or did not come up; with the path of its log.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                info: dict[str, Any] = json.loads((self._runtime / f"jpserver-{self.pid}.json").read_text("utf-8"))
                return LabAddress(url=info["url"], token=info["token"])
            time.sleep(_POLL)
        if "is already in use" in self._log.read_text("utf-8", "replace"):
            msg = f"Port {self._port} is in use. Choose another one, or 0 for any free port."
            raise PortInUse(msg, port=self._port)
        last = self._log.read_text("utf-8", "replace").strip().splitlines()[-1:]
        msg = f"JupyterLab did not start ({''.join(last)[:200]}). Its log: {self._log}"
        raise WakitError(msg, log=str(self._log))

    def wait(self) -> None:
        """Return when JupyterLab has ended by itself, as after File → Shut Down."""
        self._process.wait()

    def stop(self) -> None:
        """End JupyterLab and with it every kernel that it started."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._process.wait(STOP_TIMEOUT)
