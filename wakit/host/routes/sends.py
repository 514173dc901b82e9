"""Sends: outgoing messages of every kind, each a durable row before it is a call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from wakit.errors import InvalidInput
from wakit.host.pages import CursorText, Key, Limit, link, page_of, read_cursor
from wakit.host.routes.bodies import WAIT_LIMIT, SendBody
from wakit.host.routes.dependencies import AccountFilter, Host, IdempotencyKey
from wakit.model import SendState

router = APIRouter(prefix="/api/sends", tags=["sends"])


@router.post("", status_code=201)
async def send(host: Host, body: SendBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Queue a message, and wait a while for WhatsApp to take it; the same ``Idempotency-Key`` never sends twice."""
    if key is not None and body.idempotency_key not in {None, key}:
        raise InvalidInput("The body has another idempotency key than the header. Give one of them.")
    sent = await host.sender.send(
        body.account, body.to, body.said(), country=body.country, wait=body.wait, idempotency_key=key or body.idempotency_key
    )
    return sent.to_json()


@router.get("")
def pending(host: Host, request: Request, account: AccountFilter, limit: Limit = None, cursor: CursorText = None) -> Response:
    """Return what is queued, being sent or undecided, oldest first."""
    found = host.sender.pending(account)
    keys: list[Key] = [[send.created_at.isoformat(timespec="microseconds"), send.id] for send in found]
    page, more = page_of(found, keys, limit, read_cursor(cursor, 2))
    return JSONResponse([send.to_json() for send in page], headers=link(request, more))


@router.get("/{send_id}")
async def sent(
    host: Host, send_id: str, until: SendState = SendState.SENT, wait: Annotated[float, Query(ge=0, le=WAIT_LIMIT)] = 0.0
) -> dict[str, Any]:
    """Tell how far one got, at once or when it got as far as *until*."""
    return (await host.sender.settled(send_id, until, wait)).to_json()


@router.post("/{send_id}/cancel")
async def cancel(host: Host, send_id: str) -> dict[str, Any]:
    """Take a queued message back."""
    return (await host.sender.cancel(send_id)).to_json()


@router.post("/{send_id}/again")
async def again(host: Host, send_id: str) -> dict[str, Any]:
    """Queue once more what failed, was cancelled, or nobody knows of."""
    return (await host.sender.again(send_id)).to_json()
