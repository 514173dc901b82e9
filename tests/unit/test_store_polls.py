"""Polls and votes: options by name, the last vote of each person, and what cannot be read says so."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator

import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, ME, at, entries, opened, said, table

from wakit.details import Details
from wakit.model import Message, MessageType, PollVote, Record
from wakit.paths import Workspace
from wakit.store import Store

ASKED = Details(poll_question="¿Cuándo?", poll_options=("lunes", "martes", "¡ñu! 🤔"), poll_choices=0)
POLL = said("P1", "¿Cuándo?", chat=GROUP, sender=ME, from_me=True, type=MessageType.POLL, details=ASKED)
VOTES = "SELECT voter, options, unknown_options, readable, error FROM poll_votes ORDER BY voter"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def cast(vote: str, who: str = ANA, seconds: float = 1) -> Message:
    """Return a vote as it arrives: encrypted."""
    more = {"type": MessageType.POLL_VOTE, "target_id": "P1", "ts": at(seconds)}
    return said(vote, None, chat=GROUP, sender=who, **more)


def read(vote: str, *options: str, error: str | None = None) -> PollVote:
    """Return what the library reads in it."""
    chosen = tuple(hashlib.sha256(option.encode()).hexdigest() for option in options)
    return PollVote(account="default", chat=GROUP, message_id=vote, chosen=chosen, error=error)


def votes(store: Store, *records: Record) -> list[tuple[object, ...]]:
    store.drain("default", entries(records))
    return table(store, VOTES)


def test_poll_has_its_question_and_options(store: Store) -> None:
    """What is asked, what can be chosen in order, and how many."""
    store.drain("default", entries([POLL]))
    asked = ("P1", "¿Cuándo?", ["lunes", "martes", "¡ñu! 🤔"], 0)
    assert table(store, "SELECT message_id, question, options, choices FROM polls") == [asked]


@pytest.mark.parametrize("seed", range(6))
def test_last_vote_counts_in_any_order(store: Store, seed: int) -> None:
    """The newest vote of a person replaces the older ones, whenever poll, votes and readings come."""
    told: list[Record] = [
        POLL,
        cast("V1", ANA, 1),
        read("V1", "lunes"),
        cast("V2", ANA, 2),
        read("V2", "martes", "¡ñu! 🤔"),
        cast("V3", LUIS, 3),
        read("V3", "lunes"),
        cast("V4", LUIS, 4),
        read("V4"),
    ]
    expected = [(ANA, ["martes", "¡ñu! 🤔"], 0, True, None), (LUIS, [], 0, True, None)]
    assert votes(store, *random.Random(seed).sample(told, len(told))) == expected
    results = table(store, "SELECT option, place, votes FROM poll_results ORDER BY place")
    assert results == [("lunes", 1, 0), ("martes", 2, 1), ("¡ñu! 🤔", 3, 1)]


def test_vote_that_cannot_be_read_says_why(store: Store) -> None:
    """Not decrypted, or not yet: it is a vote all the same, and nobody's choice is guessed."""
    found = votes(store, POLL, cast("V1"), read("V1", error="no secret"), cast("V2", LUIS))
    assert found == [(ANA, None, None, False, "no secret"), (LUIS, None, None, False, None)]


def test_vote_that_is_read_later_is_read(store: Store) -> None:
    """A reading wins over an attempt that failed, whichever came first."""
    assert votes(store, POLL, cast("V1"), read("V1", "lunes"), read("V1", error="no secret")) == [(ANA, ["lunes"], 0, True, None)]


def test_option_that_the_poll_does_not_have_is_counted(store: Store) -> None:
    """A poll that is not here, or got an option later: the vote is kept and says how much of it is unknown."""
    assert votes(store, cast("V1"), read("V1", "lunes")) == [(ANA, [], 1, True, None)]
    store.drain("default", entries([POLL, cast("V2"), read("V2", "lunes", "nunca")], first=9))
    assert table(store, VOTES) == [(ANA, ["lunes"], 1, True, None)]


def test_voter_under_both_addresses_votes_once(store: Store) -> None:
    """One person, one vote."""
    pair = said("M1", chat=ANA_LID, sender_alt=ANA)
    found = votes(store, POLL, cast("V1", ANA, 1), read("V1", "lunes"), cast("V2", ANA_LID, 2), read("V2", "martes"), pair)
    assert found == [(ANA, ["martes"], 0, True, None)]
