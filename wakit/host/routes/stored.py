"""
What is stored: messages, chats, contacts, intervals, and read-only SQL.

Rows are an Arrow stream for those who accept it, as the client does, and JSON for
everybody else.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic_core import to_jsonable_python

from wakit.host.answers import ARROW, respond
from wakit.host.routes.bodies import QueryBody, ReadBody
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.ids import JID
from wakit.model import MediaStatus
from wakit.sqlvalues import from_wire

router = APIRouter(prefix="/api", tags=["stored"])

_MEDIA = """
SELECT * FROM media
WHERE account = coalesce($account, account) AND status = coalesce($status, status::VARCHAR)
ORDER BY ts DESC, message_id
LIMIT $limit
"""
#: Most messages of one answer.
MESSAGE_LIMIT = 1_000_000


@router.get("/messages")
def messages(
    host: Host,
    request: Request,
    account: AccountFilter,
    chat: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=MESSAGE_LIMIT)] = 1000,
) -> Response:
    """Return the newest messages, oldest first."""
    return as_rows(request, host.store.messages(account, chat, since, until, limit))


@router.post("/messages/read")
async def read(host: Host, body: ReadBody) -> dict[str, Any]:
    """Tell the sender that these messages were read."""
    session = host.registry.get(body.account)
    await session.mark_read(JID.parse(body.chat), JID.parse(body.sender), body.message_ids)
    return {"read": len(body.message_ids)}


@router.get("/chats")
def chats(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return the conversations, the liveliest first."""
    return as_rows(request, host.store.chats(account))


@router.get("/contacts")
def contacts(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return the people."""
    return as_rows(request, host.store.contacts(account))


@router.get("/intervals")
def intervals(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return when the accounts were listening and when they were not."""
    return as_rows(request, host.store.intervals(account))


@router.get("/coverage")
def coverage(host: Host, request: Request, account: AccountFilter, chat: str | None = None) -> Response:
    """Return what is known of which time: of a chat, or of the accounts as a whole."""
    return as_rows(request, host.store.coverage(account, chat))


@router.get("/media")
def media(
    host: Host,
    request: Request,
    account: AccountFilter,
    status: MediaStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=MESSAGE_LIMIT)] = 1000,
) -> Response:
    """Return the files of the newest messages, newest first, and how they stand."""
    with host.store.sql(_MEDIA, {"account": account, "status": status and str(status), "limit": limit}) as answer:
        return as_rows(request, answer.read_all())


@router.post("/sql")
async def sql(host: Host, request: Request, body: QueryBody) -> Response:
    """Run one read-only query."""
    return await respond(request, host.store.prepare(body.query, from_wire(body.params), seconds=body.seconds))


def as_rows(request: Request, table: pa.Table) -> Response:
    """Answer with rows in the form that the client accepts."""
    if ARROW in request.headers.get("accept", ""):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return Response(sink.getvalue().to_pybytes(), media_type=ARROW)
    return JSONResponse(to_jsonable_python(table.to_pylist(), fallback=str))
