"""The inbox: chats by what needs an answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from wakit.host.routes.dependencies import AccountFilter, Host
from wakit.host.routes.stored import as_rows

router = APIRouter(prefix="/api/inbox", tags=["stored"])

#: Most chats of one answer, and most days that somebody waits.
CHATS_LIMIT, DAYS_LIMIT = 1000, 36_500


@router.get("")
def inbox(
    host: Host,
    request: Request,
    account: AccountFilter,
    days: Annotated[int, Query(ge=0, le=DAYS_LIMIT)] = 30,
    limit: Annotated[int, Query(ge=1, le=CHATS_LIMIT)] = 200,
) -> Response:
    """
    Return the chats: those that wait for an answer, the longest first, then the others, the liveliest first.

    ``waiting_since`` is when the first message was written that nobody answered,
    at most ``days`` ago, ``waiting`` how many they are; the other fields are of
    the newest message, ``state`` being its ticks if it is ours.
    """
    return as_rows(request, host.store.inbox(account, since=host.clock.now() - timedelta(days=days), limit=limit))
