"""
Made-up people: the same seed gives the same numbers and names, everywhere.

The customers of a shop's day and the chats of a made-up history are the same
people where they share a seed, so that a shop's past and present fit.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from wakit.emulator.phrases import FIRST_NAMES, LAST_NAMES
from wakit.ids import JID, USER_SERVER

#: Behind 57: what Colombian mobile numbers begin with.
_PREFIXES = ("300", "301", "304", "310", "311", "312", "313", "314", "315", "316", "317", "318", "320", "321")
_NUMBERS = 10**7
#: Has no factor in common with the above, so that it visits every number once.
_STEP = 7_654_321


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody with a phone."""

    #: Digits with country code.
    number: str
    name: str

    @property
    def jid(self) -> JID:
        """The phone-number address."""
        return JID(self.number, USER_SERVER)


def person(seed: int, index: int) -> Person:
    """Return the *index*-th of a seed's people; no two of a seed share a number."""
    chance = random.Random(f"person-{seed}-{index}")  # noqa: S311 - made-up people, not secrets
    offset = random.Random(f"people-{seed}").randrange(_NUMBERS)  # noqa: S311
    local = (offset + index * _STEP) % _NUMBERS
    name = f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
    return Person(number=f"57{chance.choice(_PREFIXES)}{local:07d}", name=name)
