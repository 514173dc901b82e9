"""Real hosts for tests: started as users start them, ended with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wakit import autostart
from wakit.hostfile import is_alive, life_holder
from wakit.paths import Workspace

#: Seconds for anything that a test waits for.
PATIENCE = 20.0


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait for something to become true, or fail."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not become true in time"
        time.sleep(0.01)


def kill(workspace: Workspace, number: int = signal.SIGKILL) -> int:
    """Send a signal to the host of a workspace and return its pid; wait for the end where the signal ends it."""
    pid = int(life_holder(workspace)["pid"])
    os.kill(pid, number)
    if number == signal.SIGKILL:
        until(lambda: not is_alive(workspace))
    return pid


def run_module(workspace: Workspace, *arguments: str, timeout: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run a host by hand until it ends."""
    argv = [sys.executable, "-m", "wakit.host", "--workspace", str(workspace.root), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False, cwd=Path(__file__).parents[1])


@contextmanager
def ending(workspace: Workspace) -> Iterator[Workspace]:
    """End the host of a workspace, whoever started it, when the block ends."""
    try:
        yield workspace
    finally:
        if is_alive(workspace):
            os.kill(int(life_holder(workspace)["pid"]), signal.SIGCONT)
            autostart.stop(workspace)
