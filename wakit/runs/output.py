"""The output notebook of a run: a report for people, private, and without what a run leaves in its metadata."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import nbformat

from wakit.access import RESULT
from wakit.model import Run
from wakit.paths import Workspace, private_dir, write_private

#: What papermill and kernels note in the metadata: values of parameters, the environment, texts and numbers in widgets.
_PRIVATE = ("default_parameters", "parameters", "environment_variables", "input_path", "output_path")


def place(workspace: Workspace, run: Run, notebook: Any, at: datetime) -> str:
    """Write the notebook of a run into the folder of its day, whole or not at all, and return its path below the workspace."""
    strip(notebook)
    folder = private_dir(private_dir(workspace.runs) / f"{at:%Y-%m-%d}")
    title = re.sub(r"[^A-Za-z0-9_-]+", "-", run.job.rpartition("/")[2])[:60] or "run"
    path = folder / f"{at:%H%M%S}-{title}-{run.id[:8]}.ipynb"
    write_private(path, nbformat.writes(notebook).encode())
    return path.relative_to(workspace.root).as_posix()


def strip(notebook: Any) -> None:
    """Take out of the metadata what a run leaves there."""
    for name in _PRIVATE:
        notebook.metadata.get("papermill", {}).pop(name, None)
    notebook.metadata.pop("widgets", None)


def result(notebook: Any) -> dict[str, Any]:
    """Return what the cells of a notebook said of the run; later ones add to earlier ones."""
    told: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            said = output.get("data", {}).get(RESULT)
            told.update(said if isinstance(said, dict) else {})
    return told
