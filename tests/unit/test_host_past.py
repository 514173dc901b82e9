"""How much of a phone's history is stored is told with each part, once it is."""

from __future__ import annotations

import pytest
from journaled import heard, histories, journaled
from stored import at

from wakit.host.past import Past, Progress
from wakit.model import SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.sentences import past as told_in_words
from wakit.session.entries import Entry
from wakit.session.events import meaning
from wakit.session.journal import Journal


@pytest.fixture
def entries(workspace: Workspace) -> list[Entry]:
    """Return a history of two parts and the names, between two live messages."""
    journaled(workspace, [heard(1, "hola"), *histories(15, 500), heard(2, "adiós")])
    journal = Journal(workspace.journal_dir("default"))
    try:
        return journal.read(0, 100)
    finally:
        journal.close()


def counted(past: Past, entries: list[Entry]) -> None:
    for entry in entries:
        for _ in past.counted("default", meaning("default", entry)):
            pass


def test_each_part_is_told_and_the_last_one_when_it_is_committed(entries: list[Entry]) -> None:
    """The percentage is the phone's, the messages are ours; complete is what is in the database."""
    told: list[Progress] = []
    past = Past(lambda _, progress: told.append(progress))
    counted(past, entries)
    assert [Progress(percent=73, messages=5000), Progress(percent=99, messages=7500)] == told
    past.moved("default")
    past.moved("default")
    assert Progress(percent=100, messages=7500) == told[-1]
    assert 3 == len(told)


def test_what_was_not_committed_is_not_counted_twice(entries: list[Entry]) -> None:
    """The same part comes again after the disk was full."""
    told: list[Progress] = []
    past = Past(lambda _, progress: told.append(progress))
    for _ in range(2):
        past.begin("default")
        counted(past, entries)
    past.moved("default")
    assert Progress(percent=100, messages=7500) == told[-1]


def test_a_new_link_begins_at_nothing(entries: list[Entry]) -> None:
    """The first part of another history forgets the former one."""
    told: list[Progress] = []
    past = Past(lambda _, progress: told.append(progress))
    counted(past, entries)
    past.moved("default")
    counted(past, entries[:2])
    assert Progress(percent=73, messages=5000) == told[-1]


@pytest.mark.parametrize(
    ("percent", "lang", "said"),
    [
        (None, "en", ""),
        (63, "en", "History: 63 %, 12\u202f600 messages"),
        (100, "en", "History complete: 12\u202f600 messages"),
        (63, "es", "Historial: 63 %, 12\u202f600 mensajes"),
    ],
)
def test_a_person_reads_percent_and_messages(percent: int | None, lang: str, said: str) -> None:
    """Nothing is said where no history is coming."""
    status = SessionStatus(
        account="default", state=SessionState.CONNECTED, since=at(0), history_percent=percent, history_messages=12_600
    )
    assert said == told_in_words(status, lang)  # type: ignore[arg-type]
