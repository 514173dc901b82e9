"""
Values of a query on their way from a notebook to the database.

JSON has no instants, dates, decimals or bytes, and a database that gets them as
texts compares them as texts. So such a value travels as an object that names
its kind, and arrives as what it was.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from wakit.errors import InvalidInput
from wakit.instants import require_aware

_KINDS: dict[str, Callable[[str], Any]] = {
    "instant": datetime.fromisoformat,
    "date": date.fromisoformat,
    "seconds": lambda text: timedelta(seconds=float(text)),
    "decimal": Decimal,
    "bytes": base64.b64decode,
    "float": float,
}


def to_wire(params: Any) -> list[Any] | dict[str, Any] | None:
    """
    Return the values of a query as JSON values.

    Args:
        params: Values for ``?`` (a sequence) or ``$name`` (a mapping).

    Raises:
        InvalidInput: One of them means nothing to a database, or is a time without a zone.
    """
    if params is None:
        return None
    if isinstance(params, Mapping):
        return {str(name): _wired(value, f"${name}") for name, value in params.items()}
    if isinstance(params, str | bytes) or not isinstance(params, Iterable):
        msg = f"params is a {type(params).__name__}. Give a list for the ? of the query, or a dictionary for its $names."
        raise InvalidInput(msg)
    return [_wired(value, f"value {number}") for number, value in enumerate(params, 1)]


def from_wire(params: list[Any] | dict[str, Any] | None) -> list[Any] | dict[str, Any] | None:
    """
    Return the values as the database takes them.

    Raises:
        InvalidInput: An object names no kind of ours, or its text is none of that kind.
    """
    if params is None:
        return None
    if isinstance(params, dict):
        return {name: _read(value) for name, value in params.items()}
    return [_read(value) for value in params]


def _no_mapping(_: Any, name: str) -> Any:
    msg = f"{name} is a dictionary, which no column can be compared with. Give its values one by one."
    raise InvalidInput(msg, name=name)


def _wired(value: Any, name: str) -> Any:
    if value is None or type(value) in {str, bool, int} or _is_missing(value):
        return None if _is_missing(value) else value
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value, name)
    if isinstance(value, Iterable):
        return [_wired(one, name) for one in value]
    if hasattr(value, "item"):  # a number of numpy's
        return _wired(value.item(), name)
    msg = f"{name} is a {type(value).__name__}, which no column can be compared with. Give text, a number, a date or an instant."
    raise InvalidInput(msg, name=name)


def _is_missing(value: Any) -> bool:
    """Whether it is pandas' NaT or NA, of which nothing is imported for this."""
    return type(value).__name__ in {"NaTType", "NAType"}


#: The first kind that fits writes the value; a datetime also is a date.
_WRITERS: dict[type, Callable[[Any, str], Any]] = {
    str: lambda value, _: str(value),
    int: lambda value, _: int(value),
    float: lambda value, _: float(value) if math.isfinite(value) else {"float": str(float(value))},
    datetime: lambda value, name: {"instant": require_aware(value, name).isoformat()},
    date: lambda value, _: {"date": value.isoformat()},
    timedelta: lambda value, _: {"seconds": str(value.total_seconds())},
    Decimal: lambda value, _: {"decimal": str(value)},
    bytes: lambda value, _: {"bytes": base64.b64encode(value).decode()},
    UUID: lambda value, _: str(value),
    Mapping: _no_mapping,
}


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(one) for one in value]
    if not isinstance(value, dict):
        return value
    try:
        ((kind, text),) = value.items()
        return _KINDS[kind](text)
    except (ValueError, KeyError, TypeError, InvalidOperation, binascii.Error) as exc:
        msg = f"{str(value)[:80]} is no value of a query. Objects are one of {', '.join(_KINDS)} with a text."
        raise InvalidInput(msg) from exc
