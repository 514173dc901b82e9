"""
The engine ``wakit`` of papermill.

papermill imports every engine that is installed whenever it is imported itself, so the rest of wakit comes when it is used.
Widget state is never stored: it holds texts and numbers.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from wakit.runs.watch import Watch

if TYPE_CHECKING:
    from wakit.paths import Workspace
    from wakit.runs.runner import Ending

#: Seconds for a kernel to come up on a busy machine.
_START = 120


class WakitEngine(NBClientEngine):  # type: ignore[misc]
    """
    The engine ``wakit``: with it, papermill, Airflow and dagster give the promises of ``wakit run``.

    ``papermill --engine wakit IN OUT``: its workspace is found as for ``wakit run``, its parameters are its own, one run of
    it goes on at a time, what is done under a key (its parameter ``run_key``; else as for ``wakit run``) is given back without
    running it, and it may send only where its parameter ``dry_run`` is given as ``False``. papermill writes the output.
    """

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, watch: Watch | None = None, input_path: str = "", **more: Any
    ) -> None:
        if watch is not None:
            _execute(nb_man, kernel_name, watch)
            return
        from wakit.errors import RunFailed
        from wakit.ids import DEFAULT_ACCOUNT
        from wakit.runs.alarm import alarmed
        from wakit.runs.output import strip
        from wakit.runs.runner import usual_job, workspace_for

        path = Path(input_path).absolute()
        try:
            where = workspace_for(path)
            with alarmed((), where, usual_job(where, path), DEFAULT_ACCOUNT):
                cls._on_record(nb_man, kernel_name, path, where, more.get("execution_timeout"))
        except RunFailed:
            pass  # papermill raises it by itself, with the cell
        finally:
            strip(nb_man.nb)

    @staticmethod
    def _on_record(nb_man: Any, kernel_name: str, path: Path, where: Workspace, timeout: float | None) -> None:
        from wakit.runs.runner import Planned, checked, default_key, ending_of, on_record, usual_job

        given = dict(nb_man.nb.metadata.get("papermill", {}).get("parameters") or {})
        own = {name: given.pop(name) for name in ("dry_run", "run_key") if name in given}
        checked(path, given)
        send = own.get("dry_run") is False
        key = str(own.get("run_key") or default_key(send=send))
        planned = Planned(where=where, notebook=where.naming(path), job=usual_job(where, path), key=key, send=send)
        if nb_man.output_path and Path(nb_man.output_path).is_file():
            Path(nb_man.output_path).chmod(0o600)  # papermill has written it once already

        def carry_out(begun: Watch) -> Ending:
            return ending_of(lambda: _execute(nb_man, kernel_name, begun), begun)

        on_record(planned, given, Watch(str(Path.cwd())), carry_out, timeout=timeout, keep=False)


def _execute(nb_man: Any, kernel_name: str, watch: Watch) -> None:
    client = PapermillNotebookClient(
        nb_man, kernel_name=kernel_name, startup_timeout=_START, timeout=None, store_widget_state=False
    )
    watch.starts(client, nb_man.nb)
    # ipykernel warns of loopback connections on stderr, which cron would mail
    client.execute(env=watch.env, cwd=watch.cwd, stderr=subprocess.DEVNULL)
