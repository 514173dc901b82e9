"""Sessions: how the accounts are, and what a person can do about it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from wakit.host import sse
from wakit.host.etags import conditional_json
from wakit.host.routes.bodies import LinkBody, LogoutBody, PairBody
from wakit.host.routes.dependencies import Account, Host
from wakit.ids import phone_number

router = APIRouter(prefix="/api/sessions", tags=["sessions"])


@router.get("")
async def sessions(host: Host, request: Request) -> Response:
    """Tell how all accounts are."""
    return conditional_json(request, [status.to_json() for status in host.registry.statuses()])


@router.get("/{account}")
async def session(host: Host, request: Request, account: Account) -> Response:
    """Tell how one account is."""
    return conditional_json(request, host.registry.status(account).to_json())


@router.get("/{account}/watch", response_class=StreamingResponse)
async def watch(host: Host, account: Account) -> StreamingResponse:
    """Tell how one account is, now and at each change, codes included."""
    return sse.response(sse.statuses(host.registry.watch(account, sse.HEARTBEAT, host.stopping)))


@router.post("/{account}/connect")
async def connect(host: Host, account: Account, body: LinkBody | None = None) -> dict[str, Any]:
    """Connect, or start to link."""
    asked = body or LinkBody()
    return (await host.registry.connect(account, network=asked.network, phone=asked.number(host.settings.country))).to_json()


@router.post("/{account}/pair")
async def pair(host: Host, account: Account, body: PairBody) -> dict[str, Any]:
    """Link by a code that is typed on a phone."""
    phone = phone_number(body.phone, country=body.country or host.settings.country)
    return (await host.registry.connect(account, network=body.network, phone=phone)).to_json()


@router.post("/{account}/new-code")
async def new_code(host: Host, account: Account) -> dict[str, Any]:
    """Ask for a new QR after the last one ran out."""
    session = host.registry.get(account)
    await session.new_code()
    return session.status.to_json()


@router.post("/{account}/retry")
async def retry(host: Host, account: Account) -> dict[str, Any]:
    """Reconnect now."""
    session = host.registry.get(account)
    await session.retry_now()
    return session.status.to_json()


@router.post("/{account}/take-over")
async def take_over(host: Host, account: Account) -> dict[str, Any]:
    """Take the session back from the other program that uses it."""
    session = host.registry.get(account)
    await session.take_over()
    return session.status.to_json()


@router.post("/{account}/stop")
async def stop(host: Host, account: Account) -> dict[str, Any]:
    """Go offline and stay linked."""
    session = host.registry.get(account)
    await session.stop()
    return session.status.to_json()


@router.post("/{account}/logout")
async def logout(host: Host, account: Account, body: LogoutBody | None = None) -> dict[str, Any]:
    """Unlink the device on the phone and remove the session; stored messages stay."""
    return (await host.registry.logout(account, force=body is not None and body.force)).to_json()
