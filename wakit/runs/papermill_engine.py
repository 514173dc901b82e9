"""
papermill, where a run of ours goes through it.

Half of papermill's start is ``rfc3987_syntax``, which compiles a grammar that nothing here uses; jsonschema takes it as
optional, so it is kept out while papermill is imported. Widget state is never stored: it holds texts and numbers.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from wakit.runs.watch import Watch

_SLOW = "rfc3987_syntax"
_keep_out = _SLOW not in sys.modules
if _keep_out:
    sys.modules[_SLOW] = None  # type: ignore[assignment]
try:
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines
    from papermill.exceptions import PapermillExecutionError
finally:
    if _keep_out:
        del sys.modules[_SLOW]

_NAME = "wakit-watched"
#: Seconds for a kernel to come up on a busy machine.
_START = 120

__all__ = ["DeadKernelError", "PapermillExecutionError", "execute"]


class _Engine(NBClientEngine):  # type: ignore[misc]
    """Runs each notebook in a new kernel that a ``Watch`` can end."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, *, watch: Watch, **_: Any) -> None:
        client = PapermillNotebookClient(
            nb_man, kernel_name=kernel_name, startup_timeout=_START, timeout=None, store_widget_state=False
        )
        watch.starts(client, nb_man.nb)
        # ipykernel warns of loopback connections on stderr, which cron would mail
        client.execute(env=watch.env, cwd=watch.cwd, stderr=subprocess.DEVNULL)


papermill_engines.register(_NAME, _Engine)


def execute(notebook: Any, parameters: dict[str, Any], watch: Watch, *, progress: bool) -> None:
    """
    Run *notebook* from top to bottom in a new kernel; its outputs are in the watch, however it ends.

    Raises:
        PapermillExecutionError: A cell raised.
        DeadKernelError: The kernel died.
    """
    # nothing is written by papermill: it would take a path for a pattern, and parameters for what to put in
    papermill.execute_notebook(notebook, None, parameters, engine_name=_NAME, progress_bar=progress, watch=watch)
