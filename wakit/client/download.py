"""
A file that a person names by its address, as a shop names the picture that stands on its web page.

It is fetched here, by the process of the person who named it and with nothing of wakit's in the request, and
never by the host: that one may reach what the person may not.
"""

from __future__ import annotations

import time

import httpx

from wakit.config import settings
from wakit.errors import FileTooLarge, InvalidInput

#: Seconds without a sign of the server, and most for all of it.
_SILENCE, _ALL = 15.0, 120.0
_REDIRECTS = 5


def is_address(file: object) -> bool:
    """Whether a file is named by an address rather than by a path."""
    return isinstance(file, str) and file.lower().startswith(("https://", "http://"))


def downloaded(address: str) -> bytes:
    """
    Return what an address gives.

    Raises:
        InvalidInput: It gives nothing, or nothing in time.
        FileTooLarge: It is larger than ``WAKIT_MEDIA_LIMIT``.
    """
    shown = address.partition("?")[0][:200]  # what is behind may be a key
    try:
        with (
            httpx.Client(timeout=_SILENCE, follow_redirects=True, max_redirects=_REDIRECTS) as http,
            http.stream("GET", address) as answer,
        ):
            if not answer.is_success:
                msg = f"{shown!r} answered HTTP {answer.status_code}. Open it in a browser, or give the path of a file."
                raise InvalidInput(msg, status=answer.status_code)
            return _read(answer, shown)
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        msg = f"{shown!r} cannot be fetched ({type(exc).__name__}). Open it in a browser, or give the path of a file."
        raise InvalidInput(msg) from exc


def _read(answer: httpx.Response, shown: str) -> bytes:
    limit, deadline, data = settings().media_limit, time.monotonic() + _ALL, bytearray()
    for some in answer.iter_bytes():
        data += some
        if len(data) > limit:
            msg = f"{shown!r} is larger than the {limit:,} bytes that WAKIT_MEDIA_LIMIT allows. Make it smaller, or raise that."
            raise FileTooLarge(msg, limit=limit)
        if time.monotonic() > deadline:
            raise InvalidInput(f"{shown!r} took longer than {_ALL:g} s. Save it first, and give the path of the file.")
    return bytes(data)
