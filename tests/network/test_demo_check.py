from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import psutil
import pytest
from network.terminal import Terminal, finished

from wakit.cli.exits import Exit
from wakit.demo.check import _STEPS
from wakit.paths import Workspace

pytestmark = pytest.mark.network


def named(folder: Path) -> list[str]:
    """Return every process that has something to do with a folder: command line, environment or working directory."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and str(folder) in " ".join(
                (process.cwd(), *process.cmdline(), *process.environ().values())
            ):
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


@pytest.fixture
def terminal(workspace: Workspace, tmp_path: Path) -> Terminal:
    """Return a terminal whose temporary files are the test's own."""
    terminal = Terminal(workspace)
    (tmp_path / "t").mkdir()
    terminal.environment["TMPDIR"] = str(tmp_path / "t")
    return terminal


def test_demo_check_verifies_everything_within_a_minute(terminal: Terminal, tmp_path: Path) -> None:
    """A row for each step, ``demo: ok``, no process left; what is stored is the same when it is rebuilt from the journals."""
    done = terminal.run("demo", "--check", "--dir", str(tmp_path / "t" / "demo"), seconds=150)
    assert (Exit.OK, "") == (done.returncode, done.stderr), done.stdout
    lines = done.stdout.splitlines()
    assert int(lines[-2].removesuffix(" ms").split()[-1]) <= 60_000
    assert "demo: ok" == lines[-1]
    assert [] == [title for _, title in _STEPS if not any(line.startswith(f"✓ {title}") for line in lines)]
    assert [] == named(tmp_path / "t")
    terminal.environment["WAKIT_HOME"] = str(tmp_path / "t" / "demo" / "workspace")
    rebuilt = terminal.run("rebuild", "--verify")
    assert (Exit.OK, "") == (rebuilt.returncode, rebuilt.stderr), rebuilt.stdout
    (row,) = [line.split() for line in rebuilt.stdout.splitlines() if line.startswith("✓  messages ")]
    assert int(row[2]) > 20_000
    assert [row[2], row[4]] == [row[3], row[5]]


def test_demo_runs_jupyterlab_and_leaves_nothing(terminal: Terminal, tmp_path: Path) -> None:
    """The printed address opens the login notebook; SIGTERM ends JupyterLab, the host and the network."""
    running = terminal.start("demo")
    assert running.stdout is not None
    address = next(line.strip() for line in running.stdout if line.strip().startswith("http://127.0.0.1:"))
    assert 200 == httpx.get(address, follow_redirects=True, trust_env=False).status_code
    assert "/lab/tree/notebooks/01_login.ipynb" in address
    running.send_signal(signal.SIGTERM)
    done = finished(running)
    assert (Exit.OK, "") == (done.returncode, done.stderr)
    assert ([], []) == (named(tmp_path / "t"), list((tmp_path / "t").iterdir()))
