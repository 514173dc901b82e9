"""
papermill, as ``wakit run`` uses it.

Half of papermill's start is ``rfc3987_syntax``, which compiles a grammar that nothing here uses, and another part is
pyarrow, for notebooks on Hadoop. jsonschema and papermill take both as optional, so they are kept out of this import.
"""

from __future__ import annotations

import sys
from typing import Any

from wakit.runs.watch import Watch

_NAME = "wakit"
_kept_out = [name for name in ("rfc3987_syntax", "pyarrow") if name not in sys.modules]
# None is Python's own way to say that something cannot be imported
sys.modules.update(dict.fromkeys(_kept_out))  # type: ignore[arg-type]
try:
    import nbformat
    import papermill
finally:
    for _name in _kept_out:
        del sys.modules[_name]


def execute(path: Any, parameters: dict[str, Any], watch: Watch, *, progress: bool) -> None:
    """Run a notebook from top to bottom in a new kernel; its outputs are in the watch, however it ends."""
    notebook = nbformat.read(path, as_version=4)
    # nothing is written by papermill: it would take a path for a pattern, and parameters for what to put in
    papermill.execute_notebook(notebook, None, parameters, engine_name=_NAME, progress_bar=progress, watch=watch)
