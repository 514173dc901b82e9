"""Schedules: notebooks that the host runs by the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from wakit.crontab import LIMIT
from wakit.host.routes.bodies import Body
from wakit.host.routes.dependencies import Host
from wakit.outbox.schedules import KEPT
from wakit.schedule import Misfire

router = APIRouter(prefix="/api/schedules", tags=["schedules"])

#: Most parameters of one notebook, and characters of a name.
_PARAMETERS, _NAME = 100, 64
#: Most who are told of a failure, and characters of one.
_TOLD, _WHOM = 10, 2048


class ScheduleBody(Body):
    """What to run, and when."""

    cron: str = Field(min_length=1, max_length=LIMIT, description="Five fields as in a crontab, e.g. 0 9 * * MON-SAT.")
    notebook: Path = Field(description="Absolute path of an .ipynb file.")
    parameters: dict[str, Any] = Field({}, max_length=_PARAMETERS, description="Values for its parameters.")
    name: str | None = Field(None, min_length=1, max_length=_NAME, description="What to call it; unset means as its notebook.")
    send: bool = Field(False, description="Whether it may send; otherwise each run is a dry run.")
    zone: str | None = Field(None, min_length=1, max_length=_NAME, description="Time zone; unset means WAKIT_TIMEZONE.")
    misfire: Misfire = Field(Misfire.ONCE, description="Whether slots that came without a host are caught up, once.")
    notify: list[Annotated[str, Field(max_length=_WHOM)]] = Field([], max_length=_TOLD, description="Who is told of a failure.")


@router.get("")
async def schedules(host: Host) -> list[dict[str, Any]]:
    """Return the schedules, with the last slot and the next one of each."""
    return [schedule.to_json() for schedule in host.scheduler.ledger.all()]


@router.post("", status_code=201)
async def add(host: Host, body: ScheduleBody) -> dict[str, Any]:
    """Run a notebook by the clock."""
    added = host.scheduler.add(
        body.cron,
        body.notebook,
        body.parameters,
        name=body.name,
        send=body.send,
        zone=body.zone,
        misfire=body.misfire,
        notify=body.notify,
    )
    return added.to_json()


@router.delete("/{name}")
async def remove(host: Host, name: str) -> dict[str, Any]:
    """Forget a schedule, and end a run of it that goes on."""
    return (await host.scheduler.remove(name)).to_json()


@router.get("/{name}/firings")
async def firings(host: Host, name: str, limit: Annotated[int, Query(ge=1, le=KEPT)] = KEPT) -> list[dict[str, Any]]:
    """Return the slots that came, newest first, with what their runs wrote at the end."""
    return [firing.to_json() for firing in host.scheduler.ledger.firings(name, limit=limit)]


@router.post("/{name}/pause")
async def pause(host: Host, name: str) -> dict[str, Any]:
    """Let no slot come until somebody resumes; a run that goes on is left alone."""
    return host.scheduler.ledger.pause(name).to_json()


@router.post("/{name}/resume")
async def resume(host: Host, name: str) -> dict[str, Any]:
    """Go on with the first slot from now on."""
    return host.scheduler.resume(name).to_json()


@router.post("/{name}/run", status_code=202)
async def run(host: Host, name: str) -> dict[str, Any]:
    """Begin a run now, beside the slots."""
    return host.scheduler.run_now(name).to_json()
