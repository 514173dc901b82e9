"""
What is stored: messages, chats, contacts, intervals, and read-only SQL.

Rows are an Arrow stream for those who accept it, as the client does, and JSON for
everybody else.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AwareDatetime
from pydantic_core import to_jsonable_python

from wakit.errors import InvalidInput
from wakit.host.answers import ARROW, respond
from wakit.host.etags import conditional
from wakit.host.pages import CursorText, Key, Limit, instants, link, page_of, read_cursor
from wakit.host.routes.bodies import QueryBody, ReadBody
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.ids import JID
from wakit.model import MediaStatus, MessageType
from wakit.sqlvalues import from_wire
from wakit.store import MessageKey

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
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=MESSAGE_LIMIT)] = 1000,
    sender: str | None = None,
    types: Annotated[tuple[MessageType, ...], Query(alias="type")] = (),
    from_me: bool | None = None,
    cursor: CursorText = None,
) -> Response:
    """Return the newest messages, oldest first; ``Link`` leads to those before them."""
    chosen: dict[str, Any] = {"sender": sender, "types": types, "from_me": from_me}
    found, more = host.store.page_of_messages(account, chat, since, until, limit, **chosen, before=_message_key(cursor))
    return as_rows(request, found, None if more is None else [more.ts.isoformat(), more.account, more.seq, more.item])


@router.post("/messages/read")
async def read(host: Host, body: ReadBody) -> dict[str, Any]:
    """Tell the sender that these messages were read."""
    session = host.registry.get(body.account)
    await session.mark_read(JID.parse(body.chat), JID.parse(body.sender), body.message_ids)
    return {"read": len(body.message_ids)}


@router.get("/chats")
def chats(host: Host, request: Request, account: AccountFilter, limit: Limit = None, cursor: CursorText = None) -> Response:
    """Return the conversations, the liveliest first."""
    found = host.store.chats(account)
    keys = [list(key) for key in zip(instants(found["last_ts"]), *_texts(found, "chat", "account"), strict=True)]
    return as_rows(request, *page_of(found, keys, limit, read_cursor(cursor, 3)))


@router.get("/contacts")
def contacts(host: Host, request: Request, account: AccountFilter, limit: Limit = None, cursor: CursorText = None) -> Response:
    """Return the people, by name."""
    found = host.store.contacts(account)
    keys = [list(key) for key in zip(*_texts(found, "name", "jid", "account"), strict=True)]
    return as_rows(request, *page_of(found, keys, limit, read_cursor(cursor, 3)))


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


def _message_key(cursor: str | None) -> MessageKey | None:
    key = read_cursor(cursor, len(MessageKey._fields))
    if key is None:
        return None
    try:
        return MessageKey(datetime.fromisoformat(str(key[0])).astimezone(UTC), *(int(part or 0) for part in key[1:]))
    except (ValueError, OverflowError) as exc:
        raise InvalidInput(f"{str(cursor)[:64]!r} is not a cursor. Follow the header Link of the page before.") from exc


def _texts(table: pa.Table, *columns: str) -> list[list[str | None]]:
    return [table[column].to_pylist() for column in columns]


def as_rows(request: Request, table: pa.Table, more: Key | None = None) -> Response:
    """Answer with rows in the form that the client accepts, and where the next page begins."""
    headers = link(request, more)
    if ARROW in request.headers.get("accept", ""):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return conditional(request, Response(sink.getvalue().to_pybytes(), media_type=ARROW, headers=headers))
    return conditional(request, JSONResponse(to_jsonable_python(table.to_pylist(), fallback=str), headers=headers))
