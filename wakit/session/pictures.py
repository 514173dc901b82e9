"""
Profile pictures, fetched from where WhatsApp says they are.

The library gives an address only. It is WhatsApp's own word, not a sender's, but still only
ever called where it is WhatsApp's own host; the size is counted as it comes.
"""

from __future__ import annotations

import urllib.request
from urllib.parse import urlsplit

from wakit.errors import MediaFailed

_HOST = ".whatsapp.net"
#: WhatsApp shows pictures of 640 pixels.
_LIMIT = 2 * 2**20
#: Seconds without an answer.
_PATIENCE = 20.0


def fetch(url: str) -> bytes:
    """
    Return the picture at an address.

    Raises:
        MediaFailed: It is not WhatsApp's, too large, or does not answer.
    """
    place = urlsplit(url)
    if place.scheme != "https" or not (place.hostname or "").endswith(_HOST):
        msg = "The picture lies somewhere else than at WhatsApp. It was not fetched."
        raise MediaFailed(msg)
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - the scheme was checked
            data: bytes = answer.read(_LIMIT + 1)
    except OSError as exc:
        msg = f"The picture could not be fetched ({type(exc).__name__}). Try again."
        raise MediaFailed(msg) from exc
    if len(data) > _LIMIT:
        msg = f"The picture has more than {_LIMIT:,} bytes. It was not fetched."
        raise MediaFailed(msg)
    return data
