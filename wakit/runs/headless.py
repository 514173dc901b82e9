"""
papermill, as ``wakit run`` uses it.

Half of papermill's start is ``rfc3987_syntax``, which compiles a grammar that nothing here uses; jsonschema takes it as
optional, so it is kept out while papermill is imported.
"""

from __future__ import annotations

import sys
from typing import Any

from wakit.runs.watch import Watch

_SLOW = "rfc3987_syntax"
_NAME = "wakit"

_keep_out = _SLOW not in sys.modules
if _keep_out:
    sys.modules[_SLOW] = None  # type: ignore[assignment]
try:
    import nbformat
    import papermill
finally:
    if _keep_out:
        del sys.modules[_SLOW]


def execute(path: Any, parameters: dict[str, Any], watch: Watch, *, progress: bool) -> None:
    """Run a notebook from top to bottom in a new kernel; its outputs are in the watch, however it ends."""
    notebook = nbformat.read(path, as_version=4)
    # nothing is written by papermill: it would take a path for a pattern, and parameters for what to put in
    papermill.execute_notebook(notebook, None, parameters, engine_name=_NAME, progress_bar=progress, watch=watch)
