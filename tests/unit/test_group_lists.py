"""The lists of all groups are journaled where they are news, and only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wakit.errors import NotConnected
from wakit.model import Chat, Contact, GroupChange, Raw
from wakit.session.entries import Entry, EventCode
from wakit.session.events import decode, meaning
from wakit.session.group_lists import GroupLists
from wakit.session.journal import Journal

GROUP = "120363000000000001@g.us"
ANA, ANA_LID = "573001234567@s.whatsapp.net", "111@lid"
LISTS = [{"jid": GROUP, "subject": "Pedidos", "members": [[ANA_LID, ANA_LID, ANA, True], ["222@lid", "222@lid", "", False]]}]
#: The library's code for a change in a group.
CHANGED = 22


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path)
    yield journal
    journal.close()


def note(book: Journal, ask: Callable[[], list[dict[str, Any]]]) -> list[Entry]:
    """Let a fresh worker ask, and return all lists in the journal."""
    told: list[int] = []
    GroupLists(book, ask, told.append).note()
    found = [one for one in book.read(0, 1000) if one.code == EventCode.GROUPS]
    assert told in ([], [found[-1].seq] if found else [])
    return found


def test_lists_are_journaled_once(book: Journal) -> None:
    """A restart adds nothing, another list does, and so does the same one where a group changed since."""
    assert 1 == len(note(book, lambda: LISTS))
    assert 1 == len(note(book, lambda: LISTS))
    assert 2 == len(note(book, list))
    book.append(CHANGED, b"")
    assert 3 == len(note(book, list))


def test_an_account_without_groups_has_no_list(book: Journal) -> None:
    """Nothing is no news."""
    assert [] == note(book, list)


def test_a_list_never_stands_behind_a_change_that_it_does_not_have(book: Journal) -> None:
    """WhatsApp is asked again where something happened in a group meanwhile."""
    answers = iter([[], LISTS])

    def ask() -> list[dict[str, Any]]:
        answer = next(answers)
        if not answer:
            book.append(CHANGED, b"")
        return answer

    (found,) = note(book, ask)
    assert 3 == len([one for one in meaning("ana", found) if isinstance(one, (Chat, GroupChange))])


def test_without_an_answer_the_next_connection_asks(book: Journal) -> None:
    """Trouble ends nothing; once there is an answer, this worker asks no more."""
    asked: list[int] = []

    def ask() -> list[dict[str, Any]]:
        asked.append(1)
        if len(asked) == 1:
            msg = "not now"
            raise NotConnected(msg)
        return LISTS

    lists = GroupLists(book, ask, lambda _: None)
    for _ in range(3):
        lists.note()
    assert 2 == len(asked)


def test_streams_get_the_count_and_the_store_everything(book: Journal) -> None:
    """A thousand members are one event; the store learns them, and which addresses are one person."""
    (entry,) = note(book, lambda: LISTS)
    (raw,) = decode("ana", entry)
    assert isinstance(raw, Raw)
    assert {"groups": 1, "members": 2} == raw.fields
    found = list(meaning("ana", entry))
    assert [(ANA_LID, "admin"), ("222@lid", "member")] == [
        (one.member, one.kind) for one in found if isinstance(one, GroupChange)
    ]
    assert ["+573001234567"] == [one.phone for one in found if isinstance(one, Contact)]


def test_a_damaged_list_stops_nobody() -> None:
    """What cannot be read is set aside with the reason."""
    entry = Entry(seq=1, code=EventCode.GROUPS, at=datetime.now(UTC), payload=b"[{}]")
    assert {"quarantine"} == {one.name for one in meaning("ana", entry) if isinstance(one, Raw)}
