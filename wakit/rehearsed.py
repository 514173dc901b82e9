"""What a rehearsal takes for granted of people, as it travels: shares and times that a person may change."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from wakit.errors import InvalidInput

#: Recipients of a campaign that are rehearsed, the first ones: 25 ms each.
MOST = 2000


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """
    What simulated recipients do; shares are of those who got that far, times are medians in seconds.

    Raises:
        InvalidInput: A share is not between 0 and 1, or a time is negative.
    """

    #: Whose phone is off when the message leaves, and for how long; the others have it within seconds.
    phone_off: float = 0.1
    off_for: float = 7200.0
    #: Who reads it, how soon, and never between 22:00 and 7:00 where they are.
    read: float = 0.75
    read_after: float = 900.0
    #: Who answers what was read, and how soon.
    answered: float = 0.12
    answered_after: float = 1200.0
    #: Who writes BAJA instead.
    opted_out: float = 0.02
    #: The same number draws the same people.
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("phone_off", "read", "answered", "opted_out"):
            if not 0 <= getattr(self, name) <= 1:
                msg = f"{name} is {getattr(self, name)}: it is the share of people who do so. Give a number from 0 to 1."
                raise InvalidInput(msg, field=name)
        for name in ("off_for", "read_after", "answered_after"):
            if getattr(self, name) < 0:
                msg = f"{name} is {getattr(self, name)}: it is a time. Give seconds, 0 or more."
                raise InvalidInput(msg, field=name)

    def to_json(self) -> dict[str, Any]:
        """Return them as they travel."""
        return asdict(self)

    @classmethod
    def from_json(cls, form: dict[str, Any]) -> Assumptions:
        """
        Return what ``to_json`` or a person wrote.

        Raises:
            InvalidInput: Something in it is no assumption.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(form) - known):
            msg = f"There is no assumption {unknown[0]!r}. There are {', '.join(sorted(known))}."
            raise InvalidInput(msg, field=unknown[0])
        return cls(**form)
