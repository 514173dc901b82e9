"""
The runs of notebooks: a row when one begins, and how it ended.

An output notebook is no record: papermill marks a cell that was cut off as completed, and a kernel that died leaves
nothing at all. The row is. It is committed as ``running`` before the kernel starts; whoever begins a job holds its lock
(``wakit.joblock``), so what is still ``running`` under that job then was cut off, and the new run goes on with it.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from wakit.clock import Clock
from wakit.errors import IdempotencyConflict, InvalidInput, UnknownRun
from wakit.ids import account_id
from wakit.model import Run, RunState, utc
from wakit.outbox.queue import Outbox

_CUT_OFF = "Its process or its kernel died and could not say why."
_SAME = "SELECT * FROM run WHERE job = :job AND key = :key AND dry_run = :dry_run ORDER BY no DESC"
_INSERT = """
INSERT INTO run (id, account, job, key, notebook, parameters, dry_run, state, started_at, resumes)
VALUES (:id, :account, :job, :key, :notebook, :parameters, :dry_run, 'running', :now, :resumes)
"""
_END = """
UPDATE run SET state = :state, ended_at = :now, error = :error, output = :output, result = :result
WHERE id = :id AND state = 'running'
"""
_NEWEST = """
SELECT * FROM run
WHERE job = coalesce(:job, job) AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states)))
ORDER BY no DESC LIMIT :limit
"""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What somebody wants to run."""

    account: str
    job: str
    key: str
    notebook: str
    parameters: dict[str, Any]
    dry_run: bool


class Runs:
    """
    The runs of one workspace; may be used from several threads.

    Args:
        outbox: Whose database they lie in.
        is_alive: Whether some process is at work on a job.
        told: Is given each run that began or ended, once that is on the disk.
    """

    def __init__(self, outbox: Outbox, clock: Clock, *, is_alive: Callable[[str], bool], told: Callable[[Run], None]) -> None:
        self._outbox = outbox
        self._clock = clock
        self._is_alive = is_alive
        self._told = told

    def begin(self, planned: Planned, *, force: bool = False) -> Run:
        """
        Begin a run, or return the one that is ``done`` under this key; only for who holds the lock of the job.

        A run of that job and key that ended otherwise is gone on with. Dry runs are counted by themselves:
        one of them does not keep the real one from its work.

        Args:
            planned: What is run.
            force: Run it once more although it is done.

        Raises:
            IdempotencyConflict: What is done under this key had other parameters; its id is in ``data["id"]``.
        """
        account_id(planned.account)
        row = {**vars(planned), "parameters": _plain(planned.parameters), "id": uuid.uuid4().hex, "now": self._now()}
        with self._outbox.writing() as db:
            running = db.execute("SELECT id FROM run WHERE job = ? AND state = 'running'", (planned.job,)).fetchall()
            cut = self._cut_off(db, [old["id"] for old in running])
            found = db.execute(_SAME, row).fetchall()
            done = next((old for old in found if old["state"] == RunState.DONE), None)
            if done is None or force:
                resumes = found[0]["id"] if found and found[0]["state"] != RunState.DONE else None
                db.execute(_INSERT, {**row, "resumes": resumes})
                begun = _one(db, row["id"])
        self._tell(cut)
        if done is None or force:
            self._tell([begun])
            return begun
        if done["parameters"] != row["parameters"]:
            msg = (
                f"The key {planned.key!r} is done with other parameters, by the run {done['id']}. Choose a new key, or force it."
            )
            raise IdempotencyConflict(msg, id=done["id"], key=planned.key)
        return _run(done)

    def finish(
        self, run_id: str, state: RunState, *, error: str | None = None, output: str | None = None, result: dict[str, Any]
    ) -> Run:
        """
        Write down how a run ended.

        Raises:
            UnknownRun: There is none of that id.
            InvalidInput: It has ended already, or *state* is none of an end.
        """
        if state is RunState.RUNNING:
            raise InvalidInput("A run cannot end as running.", id=run_id)
        row = {"id": run_id, "state": state, "error": error, "output": output, "result": _plain(result), "now": self._now()}
        with self._outbox.writing() as db:
            if not db.execute(_END, row).rowcount:
                ended = _one(db, run_id)
                raise InvalidInput(f"The run {run_id} is {ended.state} already.", id=run_id, state=str(ended.state))
            ended = _one(db, run_id)
        self._tell([ended])
        return ended

    def get(self, run_id: str) -> Run:
        """
        Return one run.

        Raises:
            UnknownRun: There is none of that id.
        """
        with self._outbox.reading() as db:
            return _one(db, run_id)

    def find(self, run_id: str) -> Run | None:
        """Return one run, if there is one of that id."""
        try:
            return self.get(run_id)
        except UnknownRun:
            return None

    def newest(self, job: str | None = None, states: Collection[RunState] = (), *, limit: int = 100) -> list[Run]:
        """Return the newest runs first; those whose process is gone count as crashed from now on."""
        self.sweep()
        with self._outbox.reading() as db:
            values = {"job": job, "states": json.dumps([*states]), "limit": limit}
            return [_run(row) for row in db.execute(_NEWEST, values).fetchall()]

    def sweep(self) -> list[Run]:
        """Mark the runs whose process is gone as crashed, and return them."""
        with self._outbox.reading() as db:
            running = db.execute("SELECT id, job FROM run WHERE state = 'running'").fetchall()
        gone = [row["id"] for row in running if not self._is_alive(row["job"])]
        if not gone:
            return []
        with self._outbox.writing() as db:
            cut = self._cut_off(db, gone)
        self._tell(cut)
        return cut

    def _cut_off(self, db: sqlite3.Connection, ids: list[str]) -> list[Run]:
        values = {"state": RunState.CRASHED, "error": _CUT_OFF, "now": self._now(), "output": None, "result": "{}"}
        ended = [one for one in ids if db.execute(_END, {**values, "id": one}).rowcount]
        return [_one(db, one) for one in ended]

    def _tell(self, runs: list[Run]) -> None:
        for run in runs:
            self._told(run)

    def _now(self) -> float:
        return self._clock.now().timestamp()


def _plain(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))


def _one(db: sqlite3.Connection, run_id: str) -> Run:
    row = db.execute("SELECT * FROM run WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise UnknownRun(f"There is no run {run_id[:64]!r} in this workspace. Run: wakit runs list", id=run_id[:64])
    return _run(row)


def _run(row: sqlite3.Row) -> Run:
    values = {name: row[name] for name in row.keys() if name != "no"}  # noqa: SIM118 - iterating a row gives its values
    return Run(
        **{
            **values,
            "parameters": json.loads(row["parameters"]),
            "result": json.loads(row["result"]),
            "dry_run": bool(row["dry_run"]),
            "state": RunState(row["state"]),
            "started_at": utc(row["started_at"]),
            "ended_at": None if row["ended_at"] is None else utc(row["ended_at"]),
        }
    )
