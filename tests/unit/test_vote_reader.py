"""Votes are read once each, behind the event that brought them, and what was left unread is read first."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from journaled import heard, journal

from wakit.errors import LibraryError
from wakit.paths import Workspace
from wakit.proto import neonize_pb
from wakit.session.entries import EventCode
from wakit.session.journal import Journal
from wakit.session.vote_reader import MARK, MESSAGE, VoteReader


def vote(number: int) -> bytes:
    """Return the event of a poll vote."""
    event = neonize_pb.Message.FromString(heard(number, "x")[1])
    event.Message.Clear()
    event.Message.pollUpdateMessage.pollCreationMessageKey.ID = "P1"
    return bytes(event.SerializePartialToString())


@pytest.fixture
def book(workspace: Workspace) -> Iterator[Journal]:
    with journal(workspace) as opened:
        yield opened


def notes(book: Journal) -> list[dict[str, Any]]:
    return [json.loads(entry.payload) for entry in book.read(0, 1000) if entry.code == EventCode.VOTE]


def reading(book: Journal, expected: int, *later: bytes, broken: bool = False) -> list[dict[str, Any]]:
    """Run a reader over the journal, let it hear *later* events, and return its notes once there are as many."""

    def decrypt(event: bytes) -> list[str]:
        if broken:
            raise LibraryError("refused", reason="no secret")
        return [neonize_pb.Message.FromString(event).Info.ID]

    alive, reader = threading.Event(), VoteReader(book, decrypt, lambda _: None)
    threading.Thread(target=reader.run, args=(alive,), daemon=True).start()
    for payload in later:
        reader.heard(book.append(MESSAGE, payload), MESSAGE, payload)
    assert notes(book) == []
    alive.set()
    return noted(book, expected)


def noted(book: Journal, expected: int) -> list[dict[str, Any]]:
    """Return the notes once there are as many."""
    deadline = time.monotonic() + 10
    while len(notes(book)) < expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return notes(book)


def test_votes_of_before_and_of_now_are_read_once(book: Journal) -> None:
    """In the order of the journal, each naming the entry it reads; nothing before the library knows the session."""
    left = book.append(MESSAGE, vote(1))
    book.append(MESSAGE, heard(2, "hola")[1])
    found = reading(book, 2, vote(3))
    assert [(note["seq"], note["message_id"], note["chosen"]) for note in found] == [
        (left, "3EB0000001", ["3EB0000001"]),
        (left + 2, "3EB0000003", ["3EB0000003"]),
    ]


def test_vote_that_cannot_be_read_says_why(book: Journal) -> None:
    """The library's reason is kept; the chat and the vote are named all the same."""
    (note,) = reading(book, 1, vote(1), broken=True)
    assert (note["chat"], note["message_id"], note["error"]) == ("10000001@lid", "3EB0000001", "no secret")
    assert "chosen" not in note


def test_what_only_looks_like_a_vote_is_passed_by(book: Journal) -> None:
    """A text with the bytes that a vote begins with, and an event that cannot be read, stop nobody."""
    trap = heard(1, "x")[1].replace(b"x", MARK[:1])
    found = reading(book, 1, MARK, b"\xff" + MARK, trap + MARK, vote(2))
    assert [note["message_id"] for note in found] == ["3EB0000002"]


def test_vote_that_was_read_is_not_read_again(book: Journal) -> None:
    """The newest reading tells how far the last worker came."""
    first = book.append(MESSAGE, vote(1))
    book.append(EventCode.VOTE, json.dumps({"seq": first, "chat": "x@lid", "message_id": "V", "chosen": []}).encode())
    second = book.append(MESSAGE, vote(2))
    assert [entry.seq for entry in book.holding(MESSAGE, MARK, first)] == [second]
    assert [entry.seq for entry in book.holding(MESSAGE, MARK, 0)] == [first, second]


def test_vote_before_its_poll_is_read_when_that_comes(book: Journal) -> None:
    """A vote whose poll is not here yet is noted as unread, and read once the poll has come; the entries named only grow."""
    here: list[bool] = []

    def decrypt(event: bytes) -> list[str]:
        if not here:
            raise LibraryError("refused", reason="no secret")
        return [neonize_pb.Message.FromString(event).Info.ID]

    poll = neonize_pb.Message.FromString(heard(9, "x")[1])
    poll.Info.ID = "P1"
    alive, reader = threading.Event(), VoteReader(book, decrypt, lambda _: None)
    threading.Thread(target=reader.run, args=(alive,), daemon=True).start()
    alive.set()

    def hear(payload: bytes, expected: int) -> list[dict[str, Any]]:
        reader.heard(book.append(MESSAGE, payload), MESSAGE, payload)
        return noted(book, expected)

    assert ["no secret"] == [note.get("error") for note in hear(vote(1), 1)]
    here.append(True)
    unread, read = hear(poll.SerializePartialToString(), 2)
    assert (read["message_id"], read["chosen"]) == ("3EB0000001", ["3EB0000001"])
    assert unread["seq"] < read["seq"]
    assert 2 == len(hear(poll.SerializePartialToString(), 2))
