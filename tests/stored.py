"""Records as a small shop would cause them, and the journal entries that carry them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from wakit.config import Settings
from wakit.model import Message, MessageType, Receipt, ReceiptState, Record
from wakit.paths import Workspace
from wakit.store import Decoded, Store

START = datetime(2026, 11, 24, 15, tzinfo=UTC)
ME = "573009998877@s.whatsapp.net"
ANA = "573001234567@s.whatsapp.net"
ANA_LID = "101596383778080@lid"
LUIS = "573007654321@s.whatsapp.net"
GROUP = "120363043211234567@g.us"


def at(seconds: float) -> datetime:
    """Return an instant of the shop's day."""
    return START + timedelta(seconds=seconds)


def said(message_id: str = "M1", text: str | None = "hola", **changes: Any) -> Message:
    """Return what Ana wrote in her own chat, unless *changes* say otherwise; ``chat`` alone also is the sender."""
    values: dict[str, Any] = {"account": "default", "chat": ANA, "message_id": message_id, "text": text, "ts": START}
    values |= changes
    values.setdefault("sender", ME if values.get("from_me") else values["chat"])
    return Message(**values)


def edited(target: str, text: str, **changes: Any) -> Message:
    return said(f"E-{target}-{text}", text, type=MessageType.EDIT, target_id=target, **changes)


def revoked(target: str, **changes: Any) -> Message:
    return said(f"R-{target}", None, type=MessageType.REVOKE, target_id=target, **changes)


def reacted(target: str, reaction: str, **changes: Any) -> Message:
    return said(f"X-{target}-{reaction}", reaction, type=MessageType.REACTION, target_id=target, **changes)


def got(state: ReceiptState, *message_ids: str, **changes: Any) -> Receipt:
    """Return what Ana's phone says of messages in her chat."""
    values: dict[str, Any] = {"account": "default", "chat": ANA, "recipient": ANA, "ts": START, "raw_type": state.upper()}
    return Receipt(**{**values, "message_ids": message_ids or ("M1",), "state": state, **changes})


def entries(records: Iterable[Record | Sequence[Record]], first: int = 1) -> list[Decoded]:
    """Return one journal entry for each record or list of records."""
    lists = [[one] if isinstance(one, Record) else list(one) for one in records]
    return [Decoded(seq=seq, at=at(seq), records=found) for seq, found in enumerate(lists, first)]


@contextmanager
def opened(workspace: Workspace, **more: Any) -> Iterator[Store]:
    """Yield an open store that moves a thousand rows at a time."""
    settings = Settings(**{key: more.pop(key) for key in list(more) if key in Settings.model_fields})
    with Store(workspace, settings, **more) as store:
        yield store


def table(store: Store, query: str, params: Any = None) -> list[tuple[Any, ...]]:
    """Return the rows of a query as tuples."""
    with store.sql(query, params) as answer:
        return [tuple(row.values()) for row in answer.read_all().to_pylist()]
