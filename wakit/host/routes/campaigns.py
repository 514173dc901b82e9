"""
Campaigns: a plan is made here and shown; it becomes messages only when its number of recipients is confirmed.

An audience may have a hundred thousand rows, so its body may be larger than others: see ``guard``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, Field
from pydantic_core import to_jsonable_python

from wakit.errors import InvalidInput
from wakit.host.guard import CAMPAIGNS
from wakit.host.routes.bodies import AccountBody, Body, Country
from wakit.host.routes.dependencies import AccountFilter, Asker, Host
from wakit.host.routes.stored import as_rows
from wakit.model import Purpose
from wakit.outbox.planning import Audience
from wakit.outgoing import File
from wakit.rehearsed import Assumptions

router = APIRouter(prefix=CAMPAIGNS, tags=["campaigns"])

_By = Annotated[str | None, Field(min_length=1, max_length=100, description="Who says so; unset means the token's name.")]


class CampaignBody(AccountBody):
    """What to say to whom."""

    name: str = Field(description="Under one name, the same words are never said twice to one person.")
    template: str = Field(description="Jinja2: the text, with {{ column }} where a value of each row belongs.")
    columns: list[str] | None = Field(None, max_length=1000, description="Names of the columns of the audience.")
    rows: list[list[Any]] | None = Field(None, description="Its rows; one column has phone numbers.")
    sql: str | None = Field(None, min_length=1, description="Or one SELECT that gives the audience.")
    phone: str | None = Field(None, description="The column of phones, where it is not called so.")
    purpose: Purpose = Purpose.MARKETING
    media: File | None = Field(None, description="A file that was handed over; the text stands below it.")
    country: Country = None
    hold_out: float = Field(0.0, ge=0, lt=1, description="Share of the persons that is kept back, to compare with.")
    limit: int | None = Field(None, ge=1, description="Most recipients.")
    not_before: AwareDatetime | None = Field(None, description="Nothing leaves before.")
    not_after: AwareDatetime | None = Field(None, description="What has not left by then never will.")
    by: _By = None

    def audience(self) -> Audience | str:
        """Return the rows, or the query that gives them."""
        if self.sql is not None and self.columns is None and self.rows is None:
            return self.sql
        if self.sql is not None or self.columns is None or self.rows is None:
            raise InvalidInput('Give the audience as "columns" and "rows", or as "sql".')
        return Audience(columns=tuple(self.columns), rows=self.rows, phone=self.phone)


class StartBody(Body):
    """What was seen of the plan."""

    confirm: int = Field(description="Its number of recipients.")
    digest: str = Field(min_length=1, max_length=64, description="What it is known by.")
    by: _By = None


class RehearsalBody(Body):
    """What to take for granted of people."""

    assumptions: dict[str, float | int] = Field(
        default_factory=dict, description="phone_off, off_for, read, read_after, answered, answered_after, opted_out, seed."
    )


class ChangeBody(Body):
    """Who changes a campaign, and why."""

    by: _By = None
    reason: str | None = Field(None, max_length=500)


@router.post("", status_code=201)
async def make(host: Host, body: CampaignBody, asker: Asker) -> dict[str, Any]:
    """Plan a campaign and keep the plan; nothing is queued."""
    made = await host.campaigns.plan(
        body.name,
        body.audience(),
        body.template,
        account=body.account,
        purpose=body.purpose,
        media=body.media,
        country=body.country,
        hold_out=body.hold_out,
        limit=body.limit,
        not_before=_utc(body.not_before),
        not_after=_utc(body.not_after),
        by=body.by or asker,
    )
    return made.to_json()


@router.get("")
def campaigns(host: Host, account: AccountFilter, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000) -> list[dict[str, Any]]:
    """Return the campaigns, the newest first."""
    return [campaign.to_json() for campaign in host.campaigns.ledger.all(account, limit)]


@router.get("/{campaign}")
def campaign(host: Host, campaign: str) -> dict[str, Any]:
    """Return one by its id, or the newest of a name."""
    return host.campaigns.ledger.get(campaign).to_json()


@router.get("/{campaign}/plan")
def plan(host: Host, request: Request, campaign: str) -> Response:
    """Return what its plan says of each row of the audience, as JSON or as an Arrow stream."""
    return as_rows(request, host.campaigns.table(campaign))


@router.get("/{campaign}/progress")
def progress(host: Host, campaign: str) -> dict[str, Any]:
    """Return how far its messages are, what holds them back, and those about which a person has to decide."""
    return host.campaigns.ledger.progress(campaign).to_json()


@router.get("/{campaign}/results")
def results(host: Host, campaign: str) -> dict[str, Any]:
    """Return what came of it so far: rates with intervals, and how soon people answered."""
    found: dict[str, Any] = to_jsonable_python(host.campaigns.results(campaign))
    return found


@router.post("/{campaign}/rehearse")
async def rehearse(host: Host, campaign: str, body: RehearsalBody) -> dict[str, Any]:
    """Play its plan through among emulated phones, on a clock that is moved; nothing is sent."""
    return await host.rehearsals.run(campaign, Assumptions.from_json(body.assumptions))


@router.post("/{campaign}/start")
async def start(host: Host, campaign: str, body: StartBody, asker: Asker) -> dict[str, Any]:
    """Let a plan run: it needs its exact number of recipients and its digest."""
    started = await host.campaigns.start(campaign, confirm=body.confirm, digest=body.digest, by=body.by or asker)
    return started.to_json()


@router.post("/{campaign}/pause")
async def pause(host: Host, campaign: str, body: ChangeBody, asker: Asker) -> dict[str, Any]:
    """Let nothing more of it leave until it is resumed."""
    return (await host.campaigns.pause(campaign, by=body.by or asker, reason=body.reason)).to_json()


@router.post("/{campaign}/resume")
async def resume(host: Host, campaign: str, body: ChangeBody, asker: Asker) -> dict[str, Any]:
    """Let it go on."""
    return (await host.campaigns.resume(campaign, by=body.by or asker)).to_json()


@router.post("/{campaign}/cancel")
async def cancel(host: Host, campaign: str, body: ChangeBody, asker: Asker) -> dict[str, Any]:
    """End it: what has not left never will."""
    return (await host.campaigns.cancel(campaign, by=body.by or asker, reason=body.reason)).to_json()


def _utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone()
