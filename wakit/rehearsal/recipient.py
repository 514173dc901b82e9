"""What one simulated recipient does with the message: when the phone gets it, whether it is read, and what comes back."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from wakit.outbox.quiet import Place, QuietRules, next_open
from wakit.rehearsed import Assumptions

#: Nobody waits longer than this for a phone, or with an answer.
_LONGEST = 86400.0
#: How far times are spread around their median: a tenth takes five times as long.
_SPREAD = 1.25
#: A phone that is on has a message within these.
_AT_ONCE = (1.0, 8.0)
_ASLEEP = QuietRules(begins=time(22), ends=time(7))
_WORDS = ("¡Gracias! 🙏", "¿Qué precio tiene?", "Quiero uno, por favor", "Hoy no, gracias", "¿Hasta qué hora atienden?")
_OUT = "BAJA"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conduct:
    """When one recipient does what; unset where it does not come to that."""

    delivered: datetime
    read: datetime | None = None
    answered: datetime | None = None
    words: str = ""


def conduct(person: str, sent: datetime, place: Place, assumed: Assumptions) -> Conduct:
    """Return what *person* does with a message that left at *sent*: the same seed draws the same."""
    chance = random.Random(f"{assumed.seed}-{person}")  # noqa: S311 - made-up people, no secrets
    is_off = chance.random() < assumed.phone_off
    delivered = sent + (_some_time(chance, assumed.off_for) if is_off else timedelta(seconds=chance.uniform(*_AT_ONCE)))
    reads, wants_out = chance.random() < assumed.read, chance.random() < assumed.opted_out
    answers, words = chance.random() < assumed.answered, chance.choice(_WORDS)
    waits, thinks = _some_time(chance, assumed.read_after), _some_time(chance, assumed.answered_after)
    if not reads:
        return Conduct(delivered=delivered)
    read = next_open(_ASLEEP, place, delivered + waits)[0]
    if not (answers or wants_out):
        return Conduct(delivered=delivered, read=read)
    return Conduct(delivered=delivered, read=read, answered=read + thinks, words=_OUT if wants_out else words)


def _some_time(chance: random.Random, median: float) -> timedelta:
    drawn = median * math.exp(chance.gauss(0.0, _SPREAD))
    return timedelta(seconds=min(drawn, _LONGEST))
