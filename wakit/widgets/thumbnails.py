"""Pictures as small as a thread shows them, and which kinds of file a browser may be handed."""

from __future__ import annotations

import io

from PIL import Image

from wakit.errors import MediaFailed
from wakit.model import MediaFile

#: What a thumbnail is.
MIMETYPE = "image/webp"
#: Pixels of its longer side: a bubble's width on a screen with two for one.
_SIDE = 640
_QUALITY = 72
#: Kinds that a browser shows without running anything that is in them; others are only ever saved.
_HARMLESS = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")


def thumbnail(file: MediaFile) -> bytes:
    """
    Return a small picture of a stored picture.

    Raises:
        MediaFailed: It cannot be read as one.
    """
    buffer = io.BytesIO()
    try:
        with Image.open(file.path, formats=("JPEG", "PNG", "WEBP", "GIF")) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))  # a JPEG is then never unfolded in full
            picture.thumbnail((_SIDE, _SIDE))
            picture.convert("RGBA").save(buffer, "WEBP", quality=_QUALITY)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as exc:
        msg = f"The picture of {file.message_id} cannot be shown ({type(exc).__name__}). Save it to look at it elsewhere."
        raise MediaFailed(msg) from exc
    return buffer.getvalue()


def harmless(mimetype: str | None) -> str:
    """Return the kind of file to tell a browser; the sender chose *mimetype*, and a page runs what it is told is a page."""
    kind = (mimetype or "").split(";")[0].strip().lower()
    return kind if kind.startswith(_HARMLESS) else "application/octet-stream"
