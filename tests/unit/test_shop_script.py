from __future__ import annotations

import pytest

from wakit.emulator.history import GeneratedHistory
from wakit.emulator.people import person
from wakit.emulator.phrases import OPT_OUT
from wakit.emulator.script import DAY_SECONDS, GROUP_SIZE, Action, day
from wakit.ids import phone_number


def test_script_same_seed_same_day() -> None:
    """A day is a function of its seed, ids and times included."""
    first, again, other = (day(seed=seed, customers=5, visits=20) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(20))
def test_script_shows_everything_once(seed: int) -> None:
    """Whatever the seed, a small day has every action, talk in the group, and exactly one customer who opts out."""
    steps = day(seed=seed, customers=7, visits=7)
    assert set(Action) == {step.action for step in steps}
    assert any(step.in_group for step in steps)
    assert 1 == sum(step.text == OPT_OUT for step in steps)


@pytest.mark.parametrize(("customers", "visits"), [(1, 1), (2, 9), (40, 300)])
def test_script_refers_only_to_what_was_said_before(customers: int, visits: int) -> None:
    """Edits, deletions, replies and reactions are about earlier messages, and only neighbours talk in the group."""
    said: dict[str, int] = {}
    for step in day(seed=3, customers=customers, visits=visits):
        assert 0 <= step.at < DAY_SECONDS
        assert step.about is None or step.about in said
        if step.action in (Action.EDIT, Action.DELETE):
            assert said[str(step.about)] == step.customer
        assert step.customer < (min(GROUP_SIZE, customers) if step.in_group else customers)
        said[step.id] = step.customer
    assert len(said) == len(day(seed=3, customers=customers, visits=visits))


def test_people_have_numbers_of_their_own() -> None:
    """No two people of a seed share a number, and every number is one."""
    numbers = [person(1, index).number for index in range(5000)]
    assert len(set(numbers)) == len(numbers)
    assert all(phone_number(number).digits == number for number in numbers[:50])


def test_people_of_the_day_are_those_of_the_history() -> None:
    """A shop's customers today are the chats of its past, where the seed is the same."""
    chats = list(GeneratedHistory(5, 1, seed=9))
    assert [(person(9, index).jid, person(9, index).name) for index in range(5)] == [(chat.jid, chat.name) for chat in chats]
