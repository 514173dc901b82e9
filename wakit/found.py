"""What a search finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wakit.model import Record


@dataclass(frozen=True, kw_only=True)
class Hit(Record):
    """One message that answers a question."""

    account: str
    chat: str
    chat_name: str | None = None
    sender: str
    sender_name: str | None = None
    message_id: str
    ts: datetime
    from_me: bool
    type: str
    text: str
    edited_at: datetime | None = None
    revoked_at: datetime | None = None
    #: The part of the text with the first thing that was asked for.
    snippet: str
    #: Start and end of each thing that was asked for, in the snippet.
    marks: tuple[tuple[int, int], ...]
    #: How well it answers; only comparable within one answer.
    score: float

    def __repr__(self) -> str:
        return f"Hit(account={self.account!r}, message_id={self.message_id!r}, score={self.score:.3g})"
