"""
What is stored: messages, chats, contacts, intervals, and read-only SQL.

Rows are an Arrow stream for those who accept it, as the client does, and JSON for
everybody else. Queries run in threads; a result is streamed batch by batch, so a
large one costs no memory here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic_core import to_jsonable_python

from wakit.errors import WakitError
from wakit.host.problems import describe
from wakit.host.routes.bodies import QueryBody, ReadBody
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.ids import JID
from wakit.model import MediaStatus
from wakit.store import Answer

router = APIRouter(prefix="/api", tags=["stored"])

ARROW = "application/vnd.apache.arrow.stream"
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
    return _rows(request, host.store.messages(account, chat, since, until, limit))


@router.post("/messages/read")
async def read(host: Host, body: ReadBody) -> dict[str, Any]:
    """Tell the sender that these messages were read."""
    session = host.registry.get(body.account)
    await session.mark_read(JID.parse(body.chat), JID.parse(body.sender), body.message_ids)
    return {"read": len(body.message_ids)}


@router.get("/chats")
def chats(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return the conversations, the liveliest first."""
    return _rows(request, host.store.chats(account))


@router.get("/contacts")
def contacts(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return the people."""
    return _rows(request, host.store.contacts(account))


@router.get("/intervals")
def intervals(host: Host, request: Request, account: AccountFilter) -> Response:
    """Return when the accounts were listening and when they were not."""
    return _rows(request, host.store.intervals(account))


@router.get("/coverage")
def coverage(host: Host, request: Request, account: AccountFilter, chat: str | None = None) -> Response:
    """Return what is known of which time: of a chat, or of the accounts as a whole."""
    return _rows(request, host.store.coverage(account, chat))


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
        return _rows(request, answer.read_all())


@router.post("/sql")
def sql(host: Host, request: Request, body: QueryBody) -> Response:
    """Run one read-only query."""
    answer = host.store.sql(body.query, body.params)
    if ARROW in request.headers.get("accept", ""):
        return StreamingResponse(_stream(answer), media_type=ARROW)
    with answer:
        return _rows(request, answer.read_all())


def _rows(request: Request, table: pa.Table) -> Response:
    if ARROW in request.headers.get("accept", ""):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return Response(sink.getvalue().to_pybytes(), media_type=ARROW)
    return JSONResponse(to_jsonable_python(table.to_pylist(), fallback=str))


def _stream(answer: Answer) -> Iterator[bytes]:
    """
    Write a result as it comes.

    The status is long out when a query fails in the middle, so the problem
    document then follows the end of the Arrow stream.
    """
    sink = _Sink()
    with answer, pa.ipc.new_stream(sink, answer.schema) as writer:
        try:
            for batch in answer:
                writer.write_batch(batch)
                yield sink.taken()
        except WakitError as exc:
            writer.close()
            yield sink.taken() + json.dumps(describe(exc)).encode()
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where a writer writes to and a response takes from."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
