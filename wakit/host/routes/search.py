"""
Search: messages that answer a question, what was said around one, and the index made anew.

Hits are rows like everything that is stored: an Arrow stream for those who accept
it, JSON for everybody else.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated

import pyarrow as pa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime

from wakit.found import Hit
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.host.routes.stored import as_rows
from wakit.ids import DEFAULT_ACCOUNT, account_id
from wakit.model import MessageType

router = APIRouter(prefix="/api", tags=["search"])

#: Most hits of one answer, and most messages on each side of one.
HIT_LIMIT, CONTEXT_LIMIT = 1_000, 1_000

_INSTANT = pa.timestamp("us", "UTC")
_COLUMNS = {
    **dict.fromkeys(("ts", "edited_at", "revoked_at"), _INSTANT),
    "from_me": pa.bool_(),
    "marks": pa.list_(pa.list_(pa.int32())),
    "score": pa.float64(),
}
HITS = pa.schema([(one.name, _COLUMNS.get(one.name, pa.string())) for one in fields(Hit)])


@router.get("/search")
def search(
    host: Host,
    request: Request,
    account: AccountFilter,
    q: Annotated[str, Query(max_length=1000)],
    chat: str | None = None,
    sender: str | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    type: Annotated[list[MessageType] | None, Query()] = None,  # noqa: A002 - the name in the address
    loose: bool = False,
    newest: bool = False,
    limit: Annotated[int, Query(ge=1, le=HIT_LIMIT)] = 20,
) -> Response:
    """Return the messages that answer a question, the best first."""
    hits = host.store.search(
        q,
        account=account,
        chat=chat,
        sender=sender,
        since=since,
        until=until,
        types=type,
        loose=loose,
        newest=newest,
        limit=limit,
    )
    columns = [[getattr(hit, name) for hit in hits] for name in HITS.names]
    return as_rows(request, pa.table([pa.array(values, kind) for values, kind in zip(columns, HITS.types, strict=True)], HITS))


@router.get("/search/context")
def context(
    host: Host,
    request: Request,
    chat: str,
    message_id: str,
    account: str = DEFAULT_ACCOUNT,
    size: Annotated[int, Query(ge=0, le=CONTEXT_LIMIT)] = 3,
) -> Response:
    """Return a message of a chat and those around it, oldest first."""
    return as_rows(request, host.store.context(account_id(account), chat, message_id, size=size))


@router.post("/search/rebuild")
def rebuild(host: Host) -> dict[str, int]:
    """Make the search index anew from the database."""
    return {"messages": host.store.rebuild_search()}
