"""
A shipped notebook, run without a person, as a scheduled run does.

The cells go to a kernel one by one over jupyter_client, with ``allow_stdin: false``
as papermill and nbclient send it. Those two validate notebooks with libraries
that take seconds to import, and the outputs are thrown away here.
"""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from jupyter_client.manager import start_new_kernel

from wakit.demo.stage import Stage
from wakit.lab import lab_environment

_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class NotebookRun:
    """How a run went."""

    #: Name of the exception that ended it, if one did.
    error: str | None
    #: How many cells were run.
    cells: int


def begin_notebook(stage: Stage, name: str) -> Future[NotebookRun]:
    """
    Begin to run the stage's copy of a notebook in a kernel of its own, up to its end or the first error.

    What takes its time are imports, the kernel's and those of the notebook; the scenario goes on meanwhile.
    """
    return stage.aside.submit(_run, stage, name)


def _run(stage: Stage, name: str) -> NotebookRun:
    path = stage.workspace.root / "notebooks" / name
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    manager, client = start_new_kernel(
        startup_timeout=_SECONDS,
        kernel_name="python3",
        cwd=str(path.parent),
        env=lab_environment(stage.workspace, network=stage.network.descriptor),
        # ipykernel warns of loopback connections on stderr, in the middle of somebody's table.
        stderr=subprocess.DEVNULL,
    )
    try:
        for number, cell in enumerate(cells, 1):
            reply = client.execute_interactive("".join(cell["source"]), allow_stdin=False, output_hook=_forget, timeout=_SECONDS)[
                "content"
            ]
            if reply["status"] != "ok":
                return NotebookRun(error=reply.get("ename", reply["status"]), cells=number)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return NotebookRun(error=None, cells=len(cells))


def _forget(_message: dict[str, Any]) -> None:
    """Throw an output away; it may hold a name or a number."""
