"""Runs of notebooks: their record, which ``wakit run`` keeps and everybody may read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue

from wakit.host.pages import PAGE_LIMIT
from wakit.host.routes.bodies import AccountBody, Body
from wakit.host.routes.dependencies import Host
from wakit.model import RunState
from wakit.outbox.runs import Planned

router = APIRouter(prefix="/api/runs", tags=["runs"])


class RunBody(AccountBody):
    """What is run."""

    job: str = Field(min_length=1, max_length=256, description="What runs once at a time; the caller holds its lock.")
    key: str = Field(min_length=1, max_length=256, description="What is done once under this key is not done again.")
    notebook: str = Field(min_length=1, max_length=1024)
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    dry_run: bool = Field(True, description="Refuse it everything but reading.")
    force: bool = Field(False, description="Run it once more although it is done.")


class EndBody(Body):
    """How it ended."""

    state: RunState
    error: str | None = Field(None, max_length=2000)
    output: str | None = Field(None, max_length=4096, description="Its output notebook, below the workspace.")
    result: dict[str, JsonValue] = Field(default_factory=dict)


@router.post("", status_code=201)
async def begin(host: Host, body: RunBody) -> dict[str, Any]:
    """Begin a run; under a key that is done, nothing begins and the run that did it is returned."""
    planned = Planned(**body.model_dump(exclude={"force"}))
    return host.runs.begin(planned, force=body.force).to_json()


@router.post("/{run_id}/finish")
async def finish(host: Host, run_id: str, body: EndBody) -> dict[str, Any]:
    """Write down how a run ended."""
    return host.runs.finish(run_id, body.state, error=body.error, output=body.output, result=body.result).to_json()


@router.get("")
async def runs(
    host: Host,
    job: str | None = None,
    states: Annotated[tuple[RunState, ...], Query(alias="state")] = (),
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 100,
) -> list[dict[str, Any]]:
    """Return runs, the newest first."""
    return [run.to_json() for run in host.runs.newest(job, states, limit=limit)]


@router.get("/{run_id}")
async def run(host: Host, run_id: str) -> dict[str, Any]:
    """Return one run."""
    return host.runs.get(run_id).to_json()
