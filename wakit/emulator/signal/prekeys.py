"""The one-time keys a device publishes so that strangers can write to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wakit.emulator.signal.curve import DJB, KeyPair


@dataclass(slots=True)
class PreKeys:
    """A signed prekey and the one-time prekeys that were not used up."""

    signed_id: int
    signed: KeyPair
    signature: bytes
    one_time: dict[int, KeyPair] = field(default_factory=dict)
    next_id: int = 1

    @classmethod
    def generate(cls, identity: KeyPair) -> PreKeys:
        """Make a signed prekey; one-time keys are made when they are published."""
        signed = KeyPair.generate()
        return cls(1, signed, identity.sign(DJB + signed.public))

    def more(self, count: int) -> dict[int, KeyPair]:
        """Make and remember *count* new one-time keys."""
        made = {self.next_id + step: KeyPair.generate() for step in range(count)}
        self.next_id += count
        self.one_time |= made
        return made

    def dump(self) -> list[Any]:
        """Return the keys as JSON values."""
        one_time = {str(number): pair.private.hex() for number, pair in self.one_time.items()}
        return [self.signed_id, self.signed.private.hex(), self.signature.hex(), one_time, self.next_id]

    @classmethod
    def load(cls, dump: list[Any]) -> PreKeys:
        """Restore what ``dump`` returned."""
        signed_id, signed, signature, one_time, next_id = dump
        keys = {int(number): KeyPair.from_private(bytes.fromhex(private)) for number, private in one_time.items()}
        return cls(signed_id, KeyPair.from_private(bytes.fromhex(signed)), bytes.fromhex(signature), keys, next_id)
