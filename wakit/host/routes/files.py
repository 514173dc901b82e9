"""
Files to be sent, handed over as the bytes that they are.

A request names no path: whoever has a token for sending may send what they have, not what lies on
the machine of the host. How much comes in is counted on the way: see ``guard``.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from wakit.host.guard import FILES
from wakit.host.routes.dependencies import Host

router = APIRouter(tags=["sends"])


@router.post(FILES, status_code=201, openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}}})
async def take(host: Host, request: Request) -> dict[str, Any]:
    """Keep a file; its ``sha256`` is how a message's content names it."""
    return await host.spool.take(request.stream())
