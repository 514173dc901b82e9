"""Two shops' chats, as a store has them: enough of everything that some row comes out of every report."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
from stored import ME, START, at, entries, got, said

from wakit.consent import Consent, ConsentState
from wakit.model import MessageType, Purpose, ReceiptState, Record, Send, SendState
from wakit.store import Decoded, Store

#: The instant at which all of it is looked at.
NOW = int((START + timedelta(days=40)).timestamp())
_GROUPS = ("120363043211234561@g.us", "120363043211234562@g.us")
_TYPES = (MessageType.TEXT, MessageType.TEXT, MessageType.TEXT, MessageType.VOICE, MessageType.IMAGE)
_WORDS = ("hola", "precio", "¿cuánto vale?", "gracias 🙂", "/menu", "no me gusta", "excelente", "https://example.com")
_DAY = 86400


class StoreSource:
    """Asks a store of this process, as a client asks its host."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def arrow(self, query: str, params: Any = None) -> pa.Table:
        with self._store.sql(query, params) as answer:
            return answer.read_all()


def talked(account: str, seed: int, messages: int = 500) -> list[Decoded]:
    """Return what one shop's account and its customers wrote in five weeks."""
    dice = random.Random(seed)
    records = [record for number in range(messages) for record in _written(account, number, dice)]
    return entries([*records, *_campaign(account)])


def _written(account: str, number: int, dice: random.Random) -> Iterator[Record]:
    customer = f"5730{dice.randrange(10, 45)}{account == 'south':06d}@s.whatsapp.net"
    chat = dice.choice(_GROUPS) if dice.random() < 0.2 else customer
    ours = dice.random() < 0.4
    after = dice.randrange(35) * _DAY + int(dice.betavariate(2, 2) * _DAY)
    message = said(
        f"{account}{number}",
        f"{dice.choice(_WORDS)} {dice.choice(_WORDS)}",
        account=account,
        chat=chat,
        sender=ME if ours else customer,
        from_me=ours,
        type=dice.choice(_TYPES),
        ts=at(after),
        **({"target_id": "x", "target_sender": ME} if dice.random() < 0.1 and not ours else {}),
    )
    yield message
    if ours:
        for state, late in ((ReceiptState.DELIVERED, 0.9), (ReceiptState.READ, 0.6)):
            if dice.random() < late:
                seconds = after + dice.expovariate(1 / 900)
                yield got(state, message.message_id, account=account, chat=chat, recipient=customer, ts=at(seconds))


def _campaign(account: str) -> Iterator[Record]:
    for number in range(10, 20):
        to = f"5730{number}{account == 'south':06d}@s.whatsapp.net"
        sent = Send(
            id=f"{account}s{number}",
            account=account,
            to=to,
            state=SendState.QUEUED,
            message_id=f"{account}c{number}",
            created_at=at(_DAY),
            updated_at=at(_DAY),
            campaign=f"{account}-plan",
            purpose=Purpose.MARKETING,
        )
        yield sent
        for state, after in ((SendState.SENT, 1), (SendState.DELIVERED, 5), (SendState.READ, 50))[: 1 + number % 3]:
            yield sent.with_(state=state, updated_at=at(_DAY + after))
        yield said(f"{account}c{number}", "oferta", account=account, chat=to, sender=ME, from_me=True, ts=at(_DAY + 1))
    yield Consent(
        id=f"{account}k",
        account=account,
        person=f"573010{account == 'south':06d}@s.whatsapp.net",
        purpose=Purpose.MARKETING,
        state=ConsentState.OUT,
        at=at(2 * _DAY),
        recorded_at=at(2 * _DAY),
        channel="message",
        by="wakit",
    )
