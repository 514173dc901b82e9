"""
What a message holds beside its text: a place, cards, a poll, an order, a call, how long it lasts.

Most messages have nothing of it, so it is one object of its own that a
``Message`` may carry, and one narrow table in the store that has a row only for
those that do.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True)
class Card:
    """A contact that somebody sent."""

    name: str | None = None
    #: E.164 where the card names the WhatsApp number, otherwise as it is written.
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Details:
    """Everything that only some messages have; what a message does not have is ``None``, ``False`` or empty."""

    #: Seconds after which the message disappears from the phones.
    expires_after: int | None = None
    #: Whether it could be opened once only.
    view_once: bool = False
    #: What the message that it answers said, as the answer repeats it.
    quoted_text: str | None = None
    #: Degrees north and east.
    latitude: float | None = None
    longitude: float | None = None
    place_name: str | None = None
    place_address: str | None = None
    cards: tuple[Card, ...] = ()
    poll_question: str | None = None
    poll_options: tuple[str, ...] = ()
    #: How many options each person may choose; 0 is any number.
    poll_choices: int | None = None
    #: The order's or the product's id, title, count and price; the price is that of everything together.
    item_id: str | None = None
    item_title: str | None = None
    item_count: int | None = None
    price: float | None = None
    #: ISO 4217.
    currency: str | None = None
    call_outcome: str | None = None
    call_seconds: int | None = None
    call_video: bool | None = None

    def __repr__(self) -> str:
        there = [field.name for field in fields(self) if getattr(self, field.name) not in (None, False, ())]
        return f"Details({', '.join(there)})"
