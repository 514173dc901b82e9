"""
Lists in pages: ``limit`` says how long one is, ``cursor`` where it begins.

The next page is in the header ``Link`` (RFC 8288), so a list is the same JSON
array, or Arrow table, with and without pages. A cursor is the sort key of the last row
that was told: rows that come or go in between neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import pyarrow as pa
from fastapi import Query, Request

from wakit.errors import InvalidInput

#: Most rows of one page.
PAGE_LIMIT = 10_000

Limit = Annotated[int | None, Query(ge=1, le=PAGE_LIMIT, description="Most rows of this page; unset means all.")]
CursorText = Annotated[str | None, Query(max_length=4096, description="Where the page begins: as the header Link says.")]
Key = list[str | int | None]
#: A list or an Arrow table.
Rows = TypeVar("Rows", bound=Any)


def read_cursor(text: str | None, parts: int) -> Key | None:
    """
    Return the sort key in a cursor.

    Raises:
        InvalidInput: It is none that a host gave out.
    """
    if text is None:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
    except (ValueError, RecursionError):
        key = None
    known = isinstance(key, list) and len(key) == parts
    if not known or not all(part is None or isinstance(part, str) or type(part) is int for part in key):
        raise InvalidInput(f"{text[:64]!r} is not a cursor. Follow the header Link of the page before.", cursor=text[:64])
    return list(key)


def link(request: Request, key: Key | None) -> dict[str, str]:
    """Return the header that leads to the page behind *key*, if there is one."""
    return {} if key is None else link_to(request, base64.urlsafe_b64encode(json.dumps(key).encode()).decode())


def link_to(request: Request, cursor: str) -> dict[str, str]:
    """Return the header that leads to the page which begins at *cursor*."""
    query = [(name, value) for name, value in parse_qsl(request.url.query, keep_blank_values=True) if name != "cursor"]
    return {"link": f'<?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'}


def page_of(rows: Rows, keys: Sequence[Key], limit: int | None, after: Key | None) -> tuple[Rows, Key | None]:
    """
    Return the rows behind *after*, at most *limit*, and the key behind which there are more.

    Args:
        rows: All of them, in the order of their keys.
        keys: What each row is sorted by.
        limit: How many; unset means all.
        after: The last key of the page before.
    """
    begin = 0 if after is None else next((n for n, key in enumerate(keys) if _sorted(key) > _sorted(after)), len(keys))
    end = len(keys) if limit is None else min(begin + limit, len(keys))
    return rows[begin:end], keys[end - 1] if begin < end < len(keys) else None


def instants(column: pa.ChunkedArray) -> list[int | None]:
    """Return times as numbers that sort the newest first."""
    return [None if value is None else -_micros(value) for value in column.to_pylist()]


def _micros(value: datetime) -> int:
    return round(value.timestamp() * 1_000_000)


def _sorted(key: Key) -> list[tuple[bool, bool, Any]]:
    """Return a key that compares with others of its kind, numbers before texts, absent ones last."""
    return [(part is None, isinstance(part, str), part if part is not None else 0) for part in key]
