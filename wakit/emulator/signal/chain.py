"""
A chain of one-time message keys, with those that were skipped.

Used by the double ratchet and by sender keys, which differ only in how a
message key is stretched.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from wakit.emulator.signal.faults import DecryptFailed, Reason

#: As in libsignal: a sender further ahead is taken for an attack.
MAX_SKIP = 2000


@dataclass(slots=True)
class Chain:
    """Where one side of a conversation is in its sequence of keys."""

    key: bytes
    index: int = 0
    #: Message seeds that were passed over, by index, oldest first.
    skipped: dict[int, bytes] = field(default_factory=dict)

    def take(self) -> tuple[int, bytes]:
        """Return the index and the seed of the next message, and move on."""
        index, seed = self.index, hmac.digest(self.key, b"\x01", "sha256")
        self.key = hmac.digest(self.key, b"\x02", "sha256")
        self.index += 1
        return index, seed

    def advanced(self, index: int) -> tuple[Chain, bytes]:
        """
        Return the chain as it will be after message *index*, and that message's seed.

        The chain itself stays as it is, so that a forged message changes nothing.

        Raises:
            DecryptFailed: The message was read before, or is too far ahead.
        """
        if index < self.index:
            return self._revisited(index)
        if index - self.index > MAX_SKIP:
            raise DecryptFailed(Reason.TOO_FAR)
        later = Chain(self.key, self.index, self.skipped)
        if index == self.index:
            return later, later.take()[1]
        later.skipped = dict(self.skipped)
        while later.index < index:
            position, seed = later.take()
            later.skipped[position] = seed
        while len(later.skipped) > MAX_SKIP:
            del later.skipped[next(iter(later.skipped))]
        return later, later.take()[1]

    def _revisited(self, index: int) -> tuple[Chain, bytes]:
        if index not in self.skipped:
            raise DecryptFailed(Reason.DUPLICATE)
        rest = dict(self.skipped)
        seed = rest.pop(index)
        return Chain(self.key, self.index, rest), seed

    def dump(self) -> list[Any]:
        """Return the chain as JSON values."""
        return [self.key.hex(), self.index, {str(index): seed.hex() for index, seed in self.skipped.items()}]

    @classmethod
    def load(cls, dump: list[Any]) -> Chain:
        """Restore what ``dump`` returned."""
        key, index, skipped = dump
        return cls(bytes.fromhex(key), index, {int(at): bytes.fromhex(seed) for at, seed in skipped.items()})
