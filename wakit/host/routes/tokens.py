"""Tokens for programs that come over TCP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from wakit.access import Scope
from wakit.errors import InvalidInput
from wakit.host.routes.bodies import Body
from wakit.host.routes.dependencies import Host

router = APIRouter(prefix="/api/tokens", tags=["tokens"])

#: Nobody means a token that outlives this; more is a typing error.
_LONGEST = 3650


class TokenBody(Body):
    """What a new token may do, and how long."""

    name: str = Field(min_length=1, max_length=32)
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    days: float | None = Field(None, gt=0, le=_LONGEST, description="Days until it expires.")
    expires_at: AwareDatetime | None = Field(None, description="When it expires, instead of days.")
    rate: str | None = Field(None, max_length=64, description="How much it may ask, as in 60/minute.")


@router.get("")
async def tokens(host: Host) -> list[dict[str, Any]]:
    """Return the tokens without their secrets."""
    return [token.to_json() for token in host.tokens.all()]


@router.post("", status_code=201)
async def create(host: Host, body: TokenBody) -> dict[str, Any]:
    """Make a token; its secret is in this answer and nowhere else."""
    if body.days is not None and body.expires_at is not None:
        raise InvalidInput("Give days or expires_at, not both.")
    until = body.expires_at if body.days is None else host.clock.now() + timedelta(days=body.days)
    return host.tokens.create(body.name, body.scopes, expires_at=until, rate=body.rate).to_json()


@router.delete("/{name}")
async def revoke(host: Host, name: str) -> dict[str, Any]:
    """Make a token worthless, at once."""
    return host.tokens.revoke(name).to_json()
