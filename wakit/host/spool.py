"""
Files on their way out: taken in by their hash, and found to be what they are sent as.

They lie beside the files that came in, complete and private, before a row of the outbox
names them; so nothing depends any more on the file that somebody chose. A picture's small preview
is made when it leaves, because recipients see it before they fetch the picture.
"""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from wakit.config import Settings
from wakit.errors import FileTooLarge, MediaFailed, UnknownFile
from wakit.filekinds import HEAD, sniff, type_for
from wakit.model import MediaStatus
from wakit.outgoing import File
from wakit.session.media_files import MediaFiles, Stored

#: Side of a preview, and of the largest picture of which one is made: more would take the host's memory.
_PREVIEW, _LARGEST = 96, 8192
_PREVIEW_QUALITY = 60


class Spool:
    """The files that can be sent."""

    def __init__(self, files: MediaFiles, settings: Settings) -> None:
        self._files = files
        self._limit = settings.media_limit

    async def take(self, stream: AsyncIterator[bytes]) -> dict[str, Any]:
        """
        Keep a file as it comes in; return its hash, its size and what it is.

        Raises:
            FileTooLarge: It is larger than the settings allow; nothing is left of it.
            StorageFull: There is no room.
        """
        try:
            self._files.require_room(self._limit)
            stored = await asyncio.to_thread(self._files.write, _blocks(stream, asyncio.get_running_loop()), self._limit)
        except MediaFailed as exc:
            if exc.data.get("status") is MediaStatus.TOO_LARGE:
                raise too_large(self._limit) from exc
            raise
        head = self._head(stored.sha256)
        return {"sha256": stored.sha256, "size": stored.size, "mimetype": sniff(head)}

    def described(self, content: File) -> File:
        """
        Return *content* with size and type of its file.

        Raises:
            UnknownFile: It is not here.
            InvalidInput: It is no file of that kind.
        """
        stored = self._found(content.sha256)
        mimetype = type_for(content.kind, self._head(content.sha256), content.name)
        return content.with_(size=stored.size, mimetype=mimetype)

    def preview(self, content: File) -> dict[str, Any] | None:
        """Return width, height and a small JPEG of a picture, or nothing where there is none to be made."""
        self._found(content.sha256)
        if content.kind not in {"image", "sticker"}:
            return None
        return _preview(self._files.path(content.sha256), small=content.kind == "image")

    def _found(self, digest: str) -> Stored:
        stored = self._files.find(digest)
        if stored is None:
            raise UnknownFile(sha256=digest)
        return stored

    def _head(self, digest: str) -> bytes:
        with self._files.path(digest).open("rb") as file:
            return file.read(HEAD)


def too_large(limit: int) -> FileTooLarge:
    """Return the error of a file that is larger than what is allowed."""
    msg = f"The file is larger than the {limit:,} bytes that WAKIT_MEDIA_LIMIT allows. Make it smaller, or raise the limit."
    return FileTooLarge(msg, limit=limit)


def _blocks(stream: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> Iterator[bytes]:
    """Yield in a thread what a stream of the event loop gives."""

    async def following() -> bytes | None:
        return await anext(stream, None)

    while (block := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield block


def _preview(path: Path, *, small: bool) -> dict[str, Any] | None:
    from PIL import Image  # for those hosts only that send pictures

    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP")) as picture:
            width, height = picture.size
            facts: dict[str, Any] = {"width": width, "height": height}
            if not small or max(width, height) > _LARGEST:
                return facts
            picture.draft("RGB", (_PREVIEW, _PREVIEW))  # a JPEG is then never unfolded in full
            picture.thumbnail((_PREVIEW, _PREVIEW))
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "JPEG", quality=_PREVIEW_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # the bytes begin like a picture and are broken further on: the recipient's app will say so
    return {**facts, "preview": base64.b64encode(buffer.getvalue()).decode()}
