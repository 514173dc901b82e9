"""The verbs about runs of notebooks: what their records say."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from wakit.client.ask import Ask, get, record, records
from wakit.client.verb import verb
from wakit.model import Run, RunState


class RunVerbs:
    """Runs, for both clients."""

    @verb
    def runs(self, job: str | None = None, *, states: Sequence[RunState | str] = (), limit: int = 100) -> Ask[list[Run]]:
        """
        Return the runs of notebooks, the newest first.

        Args:
            job: Only of this one, as in ``"notebooks/05_notify"``.
            states: Only these, as in ``["failed", "crashed"]``.
            limit: Most of them.
        """
        return get("/api/runs", records(Run), job=job, state=[str(RunState(state)) for state in states] or None, limit=limit)

    @verb
    def run_record(self, run_id: str) -> Ask[Run]:
        """
        Return the record of one run.

        Raises:
            UnknownRun: There is none of that id.
        """
        return get(f"/api/runs/{quote(run_id, safe='')}", record(Run))
