"""Pacing: what accounts may still send by themselves, and who stops and resumes them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from wakit.host.routes.bodies import AccountBody
from wakit.host.routes.dependencies import AccountQuery, Asker, Host

router = APIRouter(prefix="/api/pacing", tags=["pacing"])


class PauseBody(AccountBody):
    """Which account stops, and why."""

    why: str = Field("", max_length=500, description="For those who find it stopped.")
    until: AwareDatetime | None = Field(None, description="When it goes on by itself; unset means when somebody resumes.")


class ResumeBody(AccountBody):
    """Which account goes on."""

    by: str | None = Field(None, min_length=1, max_length=100, description="Who says so; unset means the token's name.")


@router.get("")
async def pacing(host: Host, account: AccountQuery) -> dict[str, Any]:
    """Return what an account may still send by itself, when the next message may leave, and what stops it."""
    host.registry.status(account)
    return (await asyncio.to_thread(host.pacing.standing, account)).to_json()


@router.post("/pause")
async def pause(host: Host, body: PauseBody) -> dict[str, Any]:
    """Stop an account: nothing leaves, what is queued waits."""
    host.registry.status(body.account)
    return (await host.pacing.pause(body.account, body.why, body.until)).to_json()


@router.post("/resume")
async def resume(host: Host, body: ResumeBody, asker: Asker) -> dict[str, Any]:
    """End every stop of an account, whoever or whatever stopped it."""
    host.registry.status(body.account)
    return (await host.pacing.resume(body.account, body.by or asker)).to_json()
