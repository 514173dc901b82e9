"""
A shop's day as a script: who writes what, and when.

Pure and deterministic: the script is a function of the seed and the two sizes,
message ids included. Every kind of thing that customers do happens at least
once, whatever the seed, as soon as there are enough visits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from wakit.emulator import phrases

#: From eight in the morning to six in the evening.
DAY_SECONDS = 10 * 3600
#: The first so many customers are in the neighbours' group.
GROUP_SIZE = 4
_LONGEST_VISIT = 900


class Action(StrEnum):
    """What a customer does."""

    TEXT = "text"
    PHOTO = "photo"
    VOICE = "voice"
    EDIT = "edit"
    DELETE = "delete"
    REPLY = "reply"
    REACT = "react"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing that one customer does."""

    #: Seconds since the shop opened.
    at: float
    #: Counts from 0.
    customer: int
    action: Action
    #: Id of the message.
    id: str
    text: str = ""
    #: Said in the neighbours' group instead of the shop's chat.
    in_group: bool = False
    #: Id of the message that an edit, deletion, reply or reaction is about.
    about: str | None = None


def day(*, seed: int, customers: int, visits: int) -> list[Step]:
    """
    Return the script of a day.

    Args:
        seed: The same seed gives the same day.
        customers: How many there are.
        visits: How many times somebody comes to write a few messages.
    """
    chance = random.Random(f"day-{seed}")  # noqa: S311 - a made-up day, no secret
    starts = sorted(chance.uniform(0, DAY_SECONDS - _LONGEST_VISIT) for _ in range(visits))
    steps: list[Step] = []
    for number, start in enumerate(starts):
        visit = _Visit(chance, start, number if number < customers else chance.randrange(customers), customers)
        # The first visits show everything once; later ones are as they come.
        (_SCENES[number] if number < len(_SCENES) else chance.choice(_USUAL))(visit)
        steps += visit.steps
    return sorted(steps, key=lambda step: step.at)


class _Visit:
    """A pen that writes down what one customer does, and when."""

    def __init__(self, chance: random.Random, at: float, customer: int, customers: int) -> None:
        self.chance = chance
        self.customer = customer
        self.neighbours = min(customers, GROUP_SIZE)
        self.steps: list[Step] = []
        self._at = at

    def do(self, action: Action, text: str = "", *, about: str | None = None, in_group: bool = False) -> str:
        """Write one step down; returns the id of its message."""
        self._at += self.chance.uniform(4, 60)
        message_id = f"{self.chance.getrandbits(128):032X}"
        self.steps.append(
            Step(at=self._at, customer=self.customer, action=action, id=message_id, text=text, in_group=in_group, about=about)
        )
        return message_id

    def say(self, words: Sequence[str]) -> str:
        """Write down one of these texts."""
        return self.do(Action.TEXT, self.chance.choice(words))


def _asks(visit: _Visit) -> None:
    visit.say(phrases.GREETINGS)
    visit.say(phrases.PRICE_QUESTIONS)
    if visit.chance.choice((True, False)):
        visit.say(phrases.FOLLOW_UPS)


def _orders(visit: _Visit) -> None:
    visit.say(phrases.GREETINGS)
    visit.say(phrases.ORDERS)
    first, corrected = visit.chance.choice(phrases.CORRECTIONS)
    visit.do(Action.EDIT, corrected, about=visit.do(Action.TEXT, first))
    visit.do(Action.PHOTO, visit.chance.choice(phrases.CAPTIONS))
    visit.say(phrases.THANKS)


def _complains(visit: _Visit) -> None:
    complaint = visit.say(phrases.COMPLAINTS)
    visit.do(Action.PHOTO)
    visit.do(Action.REPLY, visit.chance.choice(phrases.FOLLOW_UPS), about=complaint)


def _speaks(visit: _Visit) -> None:
    visit.say(phrases.GREETINGS)
    visit.do(Action.VOICE)


def _errs(visit: _Visit) -> None:
    visit.do(Action.DELETE, about=visit.say(phrases.MISTAKES))


def _opts_out(visit: _Visit) -> None:
    visit.do(Action.TEXT, phrases.OPT_OUT)


def _neighbours_talk(visit: _Visit) -> None:
    visit.customer %= visit.neighbours
    opening, *rest = visit.chance.sample(phrases.GROUP_TALK, 4)
    first = visit.do(Action.TEXT, opening, in_group=True)
    for number, words in enumerate(rest):
        visit.customer = (visit.customer + 1) % visit.neighbours
        answers = number == 1
        visit.do(Action.REPLY if answers else Action.TEXT, words, about=first if answers else None, in_group=True)
    visit.do(Action.REACT, visit.chance.choice(phrases.REACTIONS), about=first, in_group=True)


_Scene = Callable[[_Visit], None]
_SCENES: list[_Scene] = [_asks, _orders, _complains, _neighbours_talk, _speaks, _errs, _opts_out]
#: As they come: mostly questions and orders; nobody leaves a second time.
_USUAL: list[_Scene] = [_asks, _asks, _asks, _orders, _orders, _orders, _complains, _neighbours_talk, _speaks, _errs]
