"""
Events over a WebSocket: one JSON text for each, from any point of the past on.

The same events as over ``GET /api/events``. A client that does not read slows down its own
stream only: it is fed from the journals at its own pace, what is under way is
bounded by the socket's buffer, and after ``PATIENCE`` it is let go. It comes
back with the id of the last event that it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator

from starlette.websockets import WebSocket, WebSocketDisconnect

from wakit.model import Event

#: Seconds for a client to take one message.
PATIENCE = 30.0
#: Close codes of RFC 6455: this end goes away; the other end is too slow.
GOING_AWAY, TOO_SLOW = 1001, 1008

Found = AsyncGenerator[tuple[str, Event | None], None]


async def tell(socket: WebSocket, found: Found, start: str) -> None:
    """Send events until either end goes; the first message is where the stream begins."""
    await socket.accept()
    telling = asyncio.create_task(_tell(socket, found, start))
    leaving = asyncio.create_task(_until_left(socket))
    try:
        await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (telling, leaving):
            task.cancel()
        done = await asyncio.gather(telling, leaving, return_exceptions=True)
        await found.aclose()
    if isinstance(done[0], Exception):
        raise done[0]


async def _tell(socket: WebSocket, found: Found, start: str) -> None:
    with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
        try:
            await _say(socket, {"id": start})
            async for cursor, event in found:
                await _say(socket, {"id": cursor} if event is None else event.to_json())
        except TimeoutError:
            await socket.close(TOO_SLOW, "too slow")
        else:
            await socket.close(GOING_AWAY, "the host ends")


async def _say(socket: WebSocket, told: dict[str, object]) -> None:
    async with asyncio.timeout(PATIENCE):
        await socket.send_text(json.dumps(told))


async def _until_left(socket: WebSocket) -> None:
    """Read what a client says, which is nothing that matters, until it goes."""
    with contextlib.suppress(WebSocketDisconnect, asyncio.CancelledError):
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
