"""
One file from WhatsApp's media host to disk, in the worker.

The library reads a whole file into memory before it says how large it is, and a
sender may announce ten bytes and have uploaded two gigabytes. So the host is
asked first how much there is; where it does not say, the bytes are counted
while they are read and thrown away. Only what fits is then fetched and
decrypted by the library.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from wakit.errors import MediaFailed
from wakit.model import MediaStatus
from wakit.proto import e2e_pb
from wakit.session.contents import part_of
from wakit.session.media_files import MediaFiles, Stored, too_large

HOST = "https://mmg.whatsapp.net"
#: What encryption adds to a file: padding and a short MAC.
_SEALED = 32
_SECONDS = 30.0
_BLOCK = 65536
#: Answers of a media host that no longer has a file, or whose address ran out.
_GONE = {403, 404, 410}
#: Words of the library for a file that is not what its message announced.
_NOT_IT = ("hmac", "hash of media", "file length", "no url present", "file too short", "plaintext is not", "padding")


def download(fetch: Callable[[Any], bytes], reference: bytes, limit: int, files: MediaFiles) -> Stored:
    """
    Fetch a file and keep it.

    Args:
        fetch: The library's download of a message.
        reference: What ``attachments.reference`` made.
        limit: Most bytes.
        files: Where to.

    Raises:
        MediaFailed: It was not kept; ``data["status"]`` is there where trying again is of no use.
        NotConnected, StorageFull, WorkspaceNotWritable: Try again later.
    """
    message = e2e_pb.Message.FromString(reference)
    part: Any = (part_of(message) or ("", None))[1]
    expected = part.fileSHA256.hex() or None
    here = files.find(expected)
    if here is not None:
        return here
    if part.fileLength > limit:
        raise too_large(part.fileLength, limit)
    files.require_room(_weighed(part.directPath, limit))
    try:
        content = fetch(message)
    except MediaFailed as exc:
        raise _explained(exc) from exc
    return files.write([content], limit, expected)


def _weighed(direct_path: str, limit: int) -> int:
    """Return how much there is of a file, before the library reads it; one that is gone or too large is refused."""
    # One byte, not HEAD: a range is what clients of this host ask for every day.
    request = urllib.request.Request(f"{HOST}{direct_path}", headers={"Range": "bytes=0-0"})  # noqa: S310 - https above
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            size = _size(answer)
            if size is None:
                size = _counted(answer, limit + _SEALED)
    except urllib.error.HTTPError as exc:
        exc.close()
        if exc.code in _GONE:
            raise _expired(exc.code) from exc
        msg = f"The media host of WhatsApp answered {exc.code}. Try again later."
        raise MediaFailed(msg, reason=f"status {exc.code}", number=exc.code) from exc
    except (OSError, http.client.HTTPException) as exc:
        msg = f"The media host of WhatsApp could not be reached ({type(exc).__name__}). Try again later."
        raise MediaFailed(msg, reason=type(exc).__name__) from exc
    if size > limit + _SEALED:
        raise too_large(size, limit)
    return size


def _size(answer: Any) -> int | None:
    whole = answer.headers.get("Content-Range", "").rpartition("/")[2] if answer.status == http.client.PARTIAL_CONTENT else ""
    told = whole or answer.headers.get("Content-Length", "")
    return int(told) if told.isdecimal() else None


def _counted(answer: Any, most: int) -> int:
    size = 0
    while size <= most and (block := answer.read(_BLOCK)):
        size += len(block)
    return size


def _expired(number: int) -> MediaFailed:
    msg = f"WhatsApp no longer has this file ({number}). Ask its sender for it, or look on the phone."
    return MediaFailed(msg, status=MediaStatus.EXPIRED, reason=f"status {number}", number=number)


def _explained(exc: MediaFailed) -> MediaFailed:
    said, number = str(exc.data.get("reason", "")), exc.data.get("number")
    if number in _GONE:
        return _expired(int(number))
    if any(words in said for words in _NOT_IT):
        msg = f"The file is not what the message announced ({said}). It was not kept."
        return MediaFailed(msg, status=MediaStatus.REFUSED, reason=said)
    return exc
