"""A shipped notebook, run without a person, as a scheduled run does."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import nbformat
from nbclient import NotebookClient

from wakit.demo.stage import Stage
from wakit.lab import lab_environment

_CELL_TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class NotebookRun:
    """How a run went."""

    #: Name of the exception that a cell raised, if one did.
    error: str | None
    #: How many cells were run.
    cells: int


def run_notebook(stage: Stage, name: str) -> NotebookRun:
    """Run the stage's copy of a notebook in a kernel of its own; its outputs are thrown away."""
    path = stage.workspace.root / "notebooks" / name
    notebook = nbformat.read(path, as_version=4)
    # Widget state would carry the QR into the executed copy.
    client = NotebookClient(notebook, timeout=_CELL_TIMEOUT, allow_errors=True, store_widget_state=False)
    # ipykernel warns of loopback connections on stderr, in the middle of somebody's table.
    client.execute(
        cwd=str(path.parent),
        env=lab_environment(stage.workspace, network=stage.network.descriptor),
        stderr=subprocess.DEVNULL,
    )
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    error = next((str(output.ename) for output in outputs if output.output_type == "error"), None)
    return NotebookRun(error=error, cells=sum(cell.get("execution_count") is not None for cell in notebook.cells))
