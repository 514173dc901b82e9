"""Webhooks: where events are posted to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from wakit.host.routes.bodies import Body
from wakit.host.routes.dependencies import Host
from wakit.ids import account_id
from wakit.model import EventKind

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


class WebhookBody(Body):
    """Where to, and what."""

    url: str = Field(min_length=1, max_length=2048, description="An https:// address.")
    account: str | None = Field(None, description="Only events of this account.")
    kinds: list[EventKind] = Field([], max_length=len(EventKind), description="Only these kinds; empty means all.")
    after: str | None = Field(None, max_length=4096, description="Id of an event to begin behind; 0 for all, unset for new ones.")


class RetryBody(Body):
    """Which of the events that were given up on."""

    event: str | None = Field(None, min_length=1, max_length=128, description="Id of one; unset means all.")


@router.get("")
async def webhooks(host: Host) -> list[dict[str, Any]]:
    """Return the webhooks and how they are."""
    return [webhook.to_json() for webhook in host.webhooks.ledger.all()]


@router.post("", status_code=201)
async def add(host: Host, body: WebhookBody) -> dict[str, Any]:
    """Post events to an address; the secret of the signatures is in this answer and nowhere else."""
    account = account_id(body.account) if body.account is not None else None
    return (await host.webhooks.add(body.url, account=account, kinds=body.kinds, after=body.after)).to_json()


@router.delete("/{webhook_id}")
async def remove(host: Host, webhook_id: str) -> dict[str, Any]:
    """Post nothing more there."""
    return (await host.webhooks.remove(webhook_id)).to_json()


@router.get("/{webhook_id}/dead")
async def dead(host: Host, webhook_id: str) -> list[dict[str, Any]]:
    """Return the events that were given up on."""
    return [event.to_json() for event in host.webhooks.ledger.dead(webhook_id)]


@router.post("/{webhook_id}/retry")
async def retry(host: Host, webhook_id: str, body: RetryBody | None = None) -> dict[str, Any]:
    """Send events again that were given up on."""
    return {"retried": host.webhooks.retry(webhook_id, body.event if body else None)}
