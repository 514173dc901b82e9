"""The timeline: messages as a person reads them, page by page."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic_core import to_jsonable_python

from wakit.host.cursor import Cursor, Position, parse, write
from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.store import Store

router = APIRouter(prefix="/api/timeline", tags=["stored"])

#: Most messages of one page.
PAGE_LIMIT = 200
#: Most characters of a text to look for.
_WORDS = 200
#: Seconds to wait for what was told to be stored, and between two looks.
_PATIENCE, _LOOK = 2.0, 0.02


@router.get("")
def timeline(
    host: Host,
    response: Response,
    account: AccountFilter,
    chat: str | None = None,
    pattern: str | None = None,
    is_group: bool | None = None,
    from_me: bool | None = None,
    words: Annotated[str | None, Query(max_length=_WORDS)] = None,
    id: Annotated[list[str] | None, Query(max_length=PAGE_LIMIT)] = None,  # noqa: A002 - its name in the query
    before: str | None = None,
    after: str | None = None,
    around: str | None = None,
    behind: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
) -> list[dict[str, Any]]:
    """
    Return the newest messages, or those before, after or around one, oldest first.

    Each has the names of the people, the message that it answers, the reactions
    under it, how far it got, what became of its file, and its cursor. What the
    event ``behind`` told is among it: events are told a moment before they are
    stored, so the answer waits for that, two seconds at most. The header
    ``wakit-events`` is the id of the last event that the page may know of: events
    behind it are what the page lacks.
    """
    if behind is not None:
        _await(host.store, parse(behind))
    # Before the page is chosen: what is stored in between then comes twice instead of never.
    known = {name: Position(host.store.watermark(name)) for name in host.feeds.now((account,) if account else ())}
    response.headers["wakit-events"] = write(known)
    page = host.store.timeline(
        account,
        chat,
        pattern=pattern,
        is_group=is_group,
        from_me=from_me,
        words=words,
        ids=id,
        before=before,
        after=after,
        around=around,
        limit=limit,
    )
    shown: list[dict[str, Any]] = to_jsonable_python(page.to_pylist(), fallback=str)
    return shown


def _await(store: Store, cursor: Cursor) -> None:
    until = time.monotonic() + _PATIENCE
    while any(store.watermark(account) < position.seq for account, position in cursor.items()) and time.monotonic() < until:
        time.sleep(_LOOK)
