"""Events: everything that happens, as it happens, from any point of the past on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, WebSocket
from fastapi.responses import StreamingResponse

from wakit.errors import InvalidInput
from wakit.host import cursor, listening, sse
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.model import EventKind

router = APIRouter(prefix="/api/events", tags=["events"])


@router.get("", response_class=StreamingResponse)
async def events(
    host: Host,
    account: AccountFilter,
    after: str | None = None,
    kinds: str = "",
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """
    Stream events behind a cursor; without one, from now on.

    A browser that reconnects sends ``Last-Event-ID``; it is newer than the ``after``
    of the address it opened first.
    """
    accounts = (account,) if account else ()
    asked = last_event_id if last_event_id is not None else after
    start = cursor.parse(asked) if asked is not None else host.feeds.now(accounts)
    found = host.feeds.follow(start, accounts=accounts, kinds=_kinds(kinds), pause=sse.HEARTBEAT, stopping=host.stopping)
    return sse.response(sse.events(found, cursor.write(start)))


@router.websocket("/ws")
async def listen(socket: WebSocket, host: Host, account: AccountFilter, after: str | None = None, kinds: str = "") -> None:
    """Tell the same over a WebSocket."""
    accounts = (account,) if account else ()
    start = cursor.parse(after) if after is not None else host.feeds.now(accounts)
    found = host.feeds.follow(start, accounts=accounts, kinds=_kinds(kinds), pause=sse.HEARTBEAT, stopping=host.stopping)
    await listening.tell(socket, found, cursor.write(start))


def _kinds(text: str) -> frozenset[EventKind]:
    try:
        return frozenset(EventKind(kind) for kind in text.split(",") if kind)
    except ValueError as exc:
        known = ", ".join(EventKind)
        msg = f"{text[:64]!r} names an unknown kind of event. Known ones: {known}."
        raise InvalidInput(msg, kinds=text[:64]) from exc
