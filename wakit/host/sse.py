"""
Server-sent events as text.

Streams begin with an ``id`` and no data: that moves a reader's cursor without
being an event, so a connection that breaks before the first event resumes in the
right place. JSON is ASCII, because readers split lines at U+2028 too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from wakit.model import Event, SessionStatus

#: Seconds of silence after which a comment says that the host is there.
HEARTBEAT = 10.0
#: Last event of a host that was asked to stop: readers do not start another one.
GOODBYE = "event: goodbye\ndata: {}\n\n"
_ALIVE = ": alive\n\n"


def response(lines: AsyncIterator[str]) -> StreamingResponse:
    """Return the answer that streams *lines*."""
    return StreamingResponse(lines, media_type="text/event-stream")


async def events(found: AsyncIterator[tuple[str, Event | None]], start: str) -> AsyncIterator[str]:
    """Write events with their cursors as ids."""
    yield f"id: {start}\n\n"
    async for cursor, event in found:
        yield f": alive\nid: {cursor}\n\n" if event is None else _event(event.kind, event.to_json(), cursor)
    yield GOODBYE


async def statuses(found: AsyncIterator[SessionStatus | None]) -> AsyncIterator[str]:
    """Write the states of a session."""
    async for status in found:
        yield _ALIVE if status is None else _event("state", status.to_json())
    yield GOODBYE


def _event(name: str, data: dict[str, Any], cursor: str | None = None) -> str:
    head = f"id: {cursor}\n" if cursor is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"
