"""The timeline: messages as a person reads them, page by page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic_core import to_jsonable_python

from wakit.host.routes.dependencies import AccountFilter, Host

router = APIRouter(prefix="/api/timeline", tags=["stored"])

#: Most messages of one page.
PAGE_LIMIT = 200


@router.get("")
def timeline(
    host: Host,
    account: AccountFilter,
    chat: str | None = None,
    pattern: str | None = None,
    from_me: bool | None = None,
    before: str | None = None,
    after: str | None = None,
    around: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
) -> list[dict[str, Any]]:
    """
    Return the newest messages, or those before, after or around one, oldest first.

    Each has the names of the people, the message that it answers, the reactions
    under it, how far it got, what became of its file, and its cursor.
    """
    page = host.store.timeline(
        account, chat, pattern=pattern, from_me=from_me, before=before, after=after, around=around, limit=limit
    )
    shown: list[dict[str, Any]] = to_jsonable_python(page.to_pylist(), fallback=str)
    return shown
