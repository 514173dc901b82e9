"""
What is new for people who listen right now.

The live stream runs ahead of the drain, so what it told is remembered here until
the key set has it. Nothing of this is written down: a claim that was flushed for
an entry that a power cut then takes from the journal would hide the message
when WhatsApp delivers it again.
"""

from __future__ import annotations

import threading

from wakit.errors import InvalidJID
from wakit.ids import JID
from wakit.model import Message
from wakit.store.keyset import KeySet
from wakit.store.people import People
from wakit.store.rows import message_key, message_kind


class Live:
    """The keys that were told and not drained yet."""

    def __init__(self, keys: KeySet) -> None:
        self._keys = keys
        self._told: dict[str, dict[bytes, int]] = {}
        self._lock = threading.Lock()

    def is_first(self, key: bytes, account: str, seq: int) -> bool:
        """Return whether entry *seq* is the one that this key belongs to; asking again gives the same answer."""
        owner = self._keys.owner(key)
        if owner is not None:
            return owner[1] == seq
        with self._lock:
            return self._told.setdefault(account, {}).setdefault(key, seq) == seq

    def drained(self, account: str, seq: int) -> None:
        """Forget what the key set knows by now."""
        with self._lock:
            self._told[account] = {key: told for key, told in self._told.get(account, {}).items() if told > seq}


def live_key(account: str, message: Message, people: People, no: int) -> bytes | None:
    """Return the key that the drain will claim for a message, as far as people are known by now."""
    try:
        chat = _person(people, no, message.chat, message.sender_alt if message.chat == message.sender else None)
        sender = None if message.from_me else _person(people, no, message.sender, message.sender_alt)
        return message_key(account, chat, sender, message.message_id, message_kind(message.type))
    except (InvalidJID, UnicodeEncodeError):
        return None


def _person(people: People, no: int, text: str, alias: str | None) -> str:
    """Return who stands for an address; an alias that is a LID will."""
    address, other = JID.parse(text).bare, JID.parse(alias).bare if alias else None
    if other is not None and other.is_lid:
        return str(other)
    known = people.find(no, str(address))
    return known.person.text if known else str(address)
