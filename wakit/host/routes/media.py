"""
Files of messages.

What a stranger sent is never shown as something that a browser would run: kinds
that are neither picture, sound, video nor PDF are bytes, a browser keeps them as a file
instead of showing them (and never guesses: see ``guard``), and the name of that file is its hash.
"""

from __future__ import annotations

import mimetypes
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from wakit.host.etags import is_known, unchanged
from wakit.host.routes.dependencies import Account, Host

router = APIRouter(prefix="/api/media", tags=["media"])

_BYTES = "application/octet-stream"
_SHOWN = {
    *("image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"),
    *("audio/ogg", "audio/mp4", "audio/mpeg", "audio/aac", "audio/amr", "video/mp4", "video/3gpp"),
}
_HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'"}


@router.get("/{account}/{message_id}", response_class=FileResponse)
async def media(host: Host, request: Request, account: Account, message_id: str, chat: str | None = None) -> Response:
    """Return the file of a message, fetched if it is not here; as JSON, where it lies and what it is."""
    file = await host.media.get(account, message_id, chat)
    if "application/json" in request.headers.get("accept", ""):
        described: dict[str, Any] = file.to_json()
        return JSONResponse(described)
    tag = f'"{file.sha256}"'
    if is_known(request, tag):
        return unchanged(tag)
    said = (file.mimetype or "").partition(";")[0].strip().lower()
    kind = said if said in _SHOWN else _BYTES
    ending = ".bin" if kind is _BYTES else mimetypes.guess_extension(kind) or ""
    return FileResponse(file.path, media_type=kind, filename=f"{file.sha256}{ending}", headers={**_HEADERS, "etag": tag})
