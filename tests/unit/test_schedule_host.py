"""Schedules through a real host: from the terminal to a process and back, over the death of the host."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hosts import ending, kill, until

import wakit
from wakit.errors import InvalidInput
from wakit.paths import Workspace
from wakit.schedule import FiringState


def terminal(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "wakit.cli", "schedule", *arguments]
    env = {**os.environ, "WAKIT_HOME": str(workspace.root), "WAKIT_LANG": "en"}
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, cwd=workspace.root, env=env)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    place = Workspace(tmp_path / "shop").create()
    notebook = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (place.root / "notify.ipynb").write_text(json.dumps(notebook))
    return place


def test_schedule_outlives_its_host_and_a_run_leaves_its_end(workspace: Workspace) -> None:
    """What the terminal adds, the next host knows; a run that is asked for ends with a code and its last words."""
    with ending(workspace):
        added = terminal(workspace, "add", "0 9 * * MON-SAT", "notify.ipynb", "--tz", "America/Bogota")
        assert added.returncode == 0, added.stderr
        assert added.stdout.startswith("notify · 0 9 * * MON-SAT (America/Bogota) · notify.ipynb · dry run\n  next: ")
        kill(workspace)
        with wakit.connect(workspace.root) as wa:
            (schedule,) = wa.schedules()
            status = subprocess.run(
                [sys.executable, "-m", "wakit.cli", "status"],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
                cwd=workspace.root,
            )
            assert "notify, 20" in status.stdout
            begun = wa.run_schedule("notify")
            until(lambda: wa.firings("notify")[0].state is not FiringState.RUNNING, 60)
            (ended,) = wa.firings("notify")
            assert (ended.key, ended.schedule) == (begun.key, schedule.name)
            assert ended.exit_code is not None
            with pytest.raises(InvalidInput, match="never due"):
                wa.schedule("0 0 30 2 *", workspace.root / "notify.ipynb")
            assert len(wa.schedules()) == 1


def test_export_needs_no_folder_and_no_shell(workspace: Workspace) -> None:
    """What the terminal prints names program and workspace by absolute paths."""
    with ending(workspace):
        assert terminal(workspace, "add", "@daily", "notify.ipynb").returncode == 0
        printed = terminal(workspace, "export", "cron").stdout
        assert f"cd {workspace.root} && WAKIT_HOME={workspace.root} {sys.executable} -P -m wakit.cli run " in printed
        written = terminal(workspace, "export", "systemd", "notify", "--dir", "units")
        assert written.returncode == 0, written.stderr
        assert sorted(path.suffix for path in (workspace.root / "units").iterdir()) == [".service", ".timer"]
        refused = terminal(workspace, "export", "cron", "other")
        assert refused.returncode == 3
        assert "There is no schedule other" in refused.stderr
