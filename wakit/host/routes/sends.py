"""Sends: outgoing messages of every kind, each a durable row before it is a call."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from wakit.errors import InvalidInput, UnknownSend
from wakit.host.pages import PAGE_LIMIT, CursorText, link_to
from wakit.host.routes.bodies import WAIT_LIMIT, DecisionBody, SendBody
from wakit.host.routes.dependencies import AccountFilter, Asker, Host, IdempotencyKey
from wakit.model import SendState

router = APIRouter(prefix="/api/sends", tags=["sends"])


@router.post("", status_code=201)
async def send(host: Host, body: SendBody, key: IdempotencyKey = None) -> dict[str, Any]:
    """Queue a message, and wait a while for WhatsApp to take it; the same ``Idempotency-Key`` never sends twice."""
    if key is not None and body.idempotency_key not in {None, key}:
        raise InvalidInput("The body has another idempotency key than the header. Give one of them.")
    sent = await host.sender.send(
        body.account,
        body.to,
        body.said(),
        country=body.country,
        wait=body.wait,
        idempotency_key=key or body.idempotency_key,
        terms=body.terms(),
    )
    return sent.to_json()


@router.get("")
def sends(
    host: Host,
    request: Request,
    account: AccountFilter,
    states: Annotated[tuple[SendState, ...], Query(alias="state")] = (),
    pending: Annotated[bool, Query(description="Only what waits, is on its way, or is unknown and nobody decided.")] = False,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 1000,
    cursor: CursorText = None,
) -> Response:
    """Return outgoing messages, the newest first; those that are *pending* all at once."""
    if pending:
        return JSONResponse([send.to_json() for send in reversed(host.sender.pending(account))])
    found = host.sender.newest(account, states, before=_known(host, cursor), limit=limit + 1)
    headers = link_to(request, found[limit - 1].id) if len(found) > limit else {}
    return JSONResponse([send.to_json() for send in found[:limit]], headers=headers)


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


@router.post("/{send_id}/arrived")
async def arrived(host: Host, send_id: str, body: DecisionBody, asker: Asker) -> dict[str, Any]:
    """Say of an ``unknown`` one that it arrived: somebody saw it on a phone."""
    return (await host.sender.arrived(send_id, body.by or asker)).to_json()


@router.post("/{send_id}/again")
async def again(host: Host, send_id: str, body: DecisionBody, asker: Asker) -> dict[str, Any]:
    """Send what failed, was cancelled, or nobody knows of as a new message, and return that."""
    return (await host.sender.again(send_id, body.by or asker)).to_json()


def _known(host: Host, cursor: str | None) -> str | None:
    """Return the send at which a page begins: its id is the cursor."""
    try:
        return None if cursor is None else host.sender.get(cursor).id
    except UnknownSend as exc:
        raise InvalidInput(f"{cursor!r:.64} is not a cursor. Follow the header Link of the page before.") from exc
