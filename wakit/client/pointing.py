"""Which message somebody means: its id, a record, a row of a table, or the data of an event."""

from __future__ import annotations

from typing import Any, NamedTuple

from wakit.errors import InvalidInput
from wakit.model import Event, Message

_MEANT = "A message is meant by its id, a row of wa.messages(), or an event of wa.events()."


class Pointer(NamedTuple):
    """Where a message is; what is not known is ``None``."""

    message_id: str
    chat: str | None = None
    account: str | None = None


def point(message: Any) -> Pointer:
    """
    Return which message is meant.

    Raises:
        InvalidInput: Nothing says so.
    """
    if isinstance(message, str):
        return Pointer(message)
    if isinstance(message, Message):
        return Pointer(message.message_id, message.chat, message.account)
    row = {"account": message.account, **message.data} if isinstance(message, Event) else message
    try:
        message_id, chat, account = (row.get(name) for name in ("message_id", "chat", "account"))
    except AttributeError as exc:
        raise InvalidInput(f"{type(message).__name__} names no message. {_MEANT}") from exc
    if not isinstance(message_id, str):
        raise InvalidInput(f"There is no message_id in it. {_MEANT}")
    return Pointer(message_id, chat or None, account or None)
