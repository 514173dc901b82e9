"""
Small readings of the library's protobuf: addresses, texts, times, and anything as plain JSON.

A string field with invalid UTF-8 (push names!) arrives as ``bytes``; message
times are milliseconds, receipt times seconds, and neither can be trusted.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from wakit.errors import InvalidJID
from wakit.ids import JID

#: WhatsApp is younger than any clock that says less.
BIRTH = datetime(2009, 1, 1, tzinfo=UTC)
#: How far ahead of ours the clock of a sender may be.
AHEAD = timedelta(days=1)
#: Addresses of which the reading is kept: a history names the same few again and again.
_REMEMBERED = 4096
#: Longest bytes value that ``plain`` shows.
_SHOWN_BYTES = 64


def text(value: str | bytes | None) -> str | None:
    """Return a string field as text; empty is ``None``, what is no UTF-8 becomes replacement characters."""
    if not value:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def address(jid: Any) -> str:
    """Return the non-device address of a ``neonize.JID`` message; an unset one gives the empty text."""
    user, server = jid.User, jid.Server
    if not isinstance(user, str) or not isinstance(server, str):
        user, server = text(user) or "", text(server) or ""
    if not server:
        return ""
    return f"{user}@{server}" if user else server


@lru_cache(_REMEMBERED)
def address_of(wire: str | bytes) -> str:
    """Return the non-device address of a JID in its text form, and what is none as it is."""
    spelled = text(wire) or ""
    try:
        return str(JID.parse(spelled).bare) if spelled else ""
    except InvalidJID:
        return spelled


def instant(units: int, per_second: int, arrived: datetime) -> tuple[datetime, bool]:
    """
    Return the time that a number says, and whether it is not believable.

    Seconds where milliseconds are expected (and the other way round) are
    recognised; what makes no sense at all is replaced by the time of arrival.
    """
    for scale in (per_second, 1, 1000):
        try:
            said = datetime.fromtimestamp(units / scale, UTC)
        except (OverflowError, ValueError, OSError):
            continue
        if BIRTH <= said <= arrived + AHEAD:
            return said, scale != per_second
    return arrived, True


def plain(message: Any) -> dict[str, Any]:
    """Return the set fields of a protobuf message as JSON values; addresses as text, long bytes as their length."""
    return {field.name: _plain_field(field, value) for field, value in message.ListFields()}


def _plain_field(field: Any, value: Any) -> Any:
    if field.is_repeated:
        return [_plain_value(field, item) for item in value]
    return _plain_value(field, value)


def _plain_value(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return address(value) if field.message_type.full_name == "neonize.JID" else plain(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else value
    if field.type == field.TYPE_BYTES:
        return base64.b64encode(value).decode() if len(value) <= _SHOWN_BYTES else f"{len(value)} bytes"
    return text(value) or "" if isinstance(value, str | bytes) else value
