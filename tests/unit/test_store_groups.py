"""Memberships are made of lists of members and of changes, in whatever order they come."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from stored import ANA, ANA_LID, GROUP, LUIS, at, entries, opened, said, table

from wakit.model import GroupChange, GroupChangeKind, Record, Source
from wakit.paths import Workspace
from wakit.store import Store

K = GroupChangeKind
MARTA = "573005550001@s.whatsapp.net"
MEMBERS = "SELECT member, epoch_us(since), epoch_us(until), since_exact, until_exact, is_admin FROM group_members ORDER BY ALL"

Spell = tuple[str, float | None, float | None, bool, bool, bool]


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def change(kind: GroupChangeKind, seconds: float, member: str | None = ANA, **more: object) -> GroupChange:
    return GroupChange(account="default", chat=GROUP, kind=kind, member=member, ts=at(seconds), **more)  # type: ignore[arg-type]


def members(store: Store, *records: Record) -> list[Spell]:
    store.drain("default", entries(records))
    start = at(0).timestamp()

    def second(micros: int | None) -> float | None:
        return None if micros is None else micros / 1e6 - start

    return [(who, second(since), second(until), *rest) for who, since, until, *rest in table(store, MEMBERS)]


CASES: dict[str, tuple[list[GroupChange], list[Spell]]] = {
    "joined": ([change(K.JOIN, 1)], [(ANA, 1, None, True, False, False)]),
    "joined and left": ([change(K.JOIN, 1), change(K.LEAVE, 5)], [(ANA, 1, 5, True, True, False)]),
    "came back": (
        [change(K.JOIN, 1), change(K.LEAVE, 5), change(K.JOIN, 9)],
        [(ANA, 1, 5, True, True, False), (ANA, 9, None, True, False, False)],
    ),
    "told twice": ([change(K.JOIN, 1), change(K.JOIN, 1), change(K.JOIN, 2)], [(ANA, 1, None, True, False, False)]),
    "was there when listed": ([change(K.MEMBER, 3)], [(ANA, 3, None, False, False, False)]),
    "listed as administrator": ([change(K.ADMIN, 3)], [(ANA, 3, None, False, False, True)]),
    "left, and nobody knows since when": ([change(K.LEAVE, 4)], [(ANA, None, 4, False, True, False)]),
    "promoted and demoted": (
        [change(K.JOIN, 1), change(K.PROMOTE, 2), change(K.DEMOTE, 3), change(K.PROMOTE, 4)],
        [(ANA, 1, None, True, False, True)],
    ),
    "demoted": ([change(K.ADMIN, 1), change(K.DEMOTE, 3)], [(ANA, 1, None, False, False, False)]),
    "not on the next list": (
        [change(K.JOIN, 1), change(K.MEMBER, 3, LUIS)],
        [(ANA, 1, 3, True, False, False), (LUIS, 3, None, False, False, False)],
    ),
    "joined after the list": (
        [change(K.MEMBER, 3, LUIS), change(K.JOIN, 5)],
        [(ANA, 5, None, True, False, False), (LUIS, 3, None, False, False, False)],
    ),
    "a subject is nobody": ([change(K.SUBJECT, 1, None, text="Pedidos", author=ANA)], []),
}


@pytest.mark.parametrize(("told", "expected"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("seed", range(3))
def test_membership_is_the_same_in_any_order(store: Store, told: list[GroupChange], expected: list[Spell], seed: int) -> None:
    """Since when, until when, in which role, and whether that is known or only seen."""
    shuffled = random.Random(seed).sample(told, len(told)) if seed else told
    assert members(store, *shuffled) == expected


def test_within_a_second_the_order_of_the_journal_counts(store: Store) -> None:
    """Changes are told in whole seconds, so a list and a change behind it may have the same time."""
    assert members(store, change(K.MEMBER, 3), change(K.LEAVE, 3)) == [(ANA, 3, 3, False, True, False)]


def test_member_under_both_addresses_is_one_person(store: Store) -> None:
    """A list names the phone number, a change the LID; once they are paired it is one membership."""
    pair = said("M1", chat=ANA_LID, sender_alt=ANA)
    assert members(store, change(K.MEMBER, 1), change(K.LEAVE, 5, ANA_LID), pair) == [(ANA, 1, 5, False, True, False)]


def test_changes_say_who_did_what(store: Store) -> None:
    """Every change is one row with the group, the member and the author, told once or twice."""
    told = change(K.JOIN, 1, author=LUIS, source=Source.HISTORY)
    renamed = change(K.SUBJECT, 2, None, text="Pedidos 2027", author=ANA)
    store.drain("default", entries([told, told, renamed]))
    query = "SELECT chat, kind::VARCHAR, member, author, text, source::VARCHAR FROM group_changes ORDER BY ts"
    assert table(store, query) == [
        (GROUP, "join", ANA, LUIS, None, "history"),
        (GROUP, "subject", None, ANA, "Pedidos 2027", "live"),
    ]
