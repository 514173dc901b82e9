"""Sends: outgoing texts, each a durable row before it is a call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from wakit.host.routes.bodies import SendBody
from wakit.host.routes.dependencies import Host

router = APIRouter(prefix="/api/sends", tags=["sends"])


@router.post("", status_code=201)
async def send(host: Host, body: SendBody) -> dict[str, Any]:
    """Queue a text, and wait a while for WhatsApp to take it."""
    sent = await host.sender.send(
        body.account, body.to, body.text, country=body.country, wait=body.wait, idempotency_key=body.idempotency_key
    )
    return sent.to_json()


@router.get("/{send_id}")
async def sent(host: Host, send_id: str) -> dict[str, Any]:
    """Tell how far one got."""
    return host.sender.get(send_id).to_json()
