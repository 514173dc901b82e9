"""A Bloom filter over the keys of one segment: it says for many keys at once which ones are surely not there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: 16 bits for each key of a full segment and six probes: about one answer in 2,000 is a wrong "maybe".
BITS = 2**24
_PROBES = np.arange(6, dtype=np.uint64)

Positions = NDArray[np.uint64]


def positions(keys: Sequence[bytes]) -> Positions:
    """Return the bits of each 16-byte key: the key is a hash already, so its halves give all probes."""
    halves = np.frombuffer(b"".join(keys), dtype="<u8").reshape(-1, 2)
    probes: Positions = (halves[:, :1] + _PROBES * halves[:, 1:]) & np.uint64(BITS - 1)
    return probes


class Bloom:
    """The bits of one segment."""

    def __init__(self, stored: bytes = bytes(BITS // 8)) -> None:
        self._bits = np.frombuffer(stored, dtype=np.uint8).copy()

    def __bytes__(self) -> bytes:
        return self._bits.tobytes()

    def add(self, found: Positions) -> None:
        """Take keys in."""
        np.bitwise_or.at(self._bits, found >> np.uint64(3), _mask(found))

    def maybe(self, found: Positions) -> NDArray[np.intp]:
        """Return the indices of the keys that may be there; all others are not."""
        suspects = np.arange(len(found))
        for probe in range(len(_PROBES)):
            bits = found[suspects, probe]
            suspects = suspects[(self._bits[bits >> np.uint64(3)] & _mask(bits)) != 0]
        return suspects


def _mask(bits: Positions) -> NDArray[np.uint8]:
    return np.left_shift(np.uint8(1), (bits & np.uint64(7)).astype(np.uint8))
