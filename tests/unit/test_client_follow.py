"""Following a stream without a network: lines in, items out, and where to go on."""

from __future__ import annotations

import pytest

from wakit.client.follow import PAUSES, Follower, Stream
from wakit.errors import HostGone, UnknownAccount


def follower(**params: str) -> Follower[dict[str, object]]:
    return Follower(Stream(path="/api/events", reads=dict, params=params))


def feed(reader: Follower[dict[str, object]], text: str) -> list[dict[str, object]]:
    return [item for line in text.split("\n") if (item := reader.line(line)) is not None]


def test_event_is_complete_at_the_empty_line() -> None:
    """Comments and ids are no items; data is."""
    reader = follower()
    assert feed(reader, ': alive\n\nid: ana:1\nevent: message\ndata: {"a": 1}\n\nid: ana:2\ndata:{"a":\ndata:2}\n\n') == [
        {"a": 1},
        {"a": 2},
    ]


def test_stream_resumes_behind_the_last_id_even_of_an_empty_event() -> None:
    """The first line of a stream is an id without data; a break right after it loses nothing."""
    reader = follower(account="ana")
    assert reader.request()["params"] == {"account": "ana"}
    feed(reader, "id: ana:7\n\n")
    assert reader.interrupted(None) == PAUSES[0]
    assert reader.request()["params"] == {"account": "ana", "after": "ana:7"}


def test_half_an_event_is_forgotten_when_the_connection_breaks() -> None:
    """An event whose data did not arrive completely comes again."""
    reader = follower()
    feed(reader, "id: ana:1\ndata: {}\n\n")
    reader.line("id: ana:2")
    reader.line('data: {"half":')
    reader.interrupted(None)
    assert reader.request()["params"] == {"after": "ana:1"}
    assert feed(reader, 'data: {"whole": 1}\n\n') == [{"whole": 1}]


def test_attempts_are_bounded_and_end_in_host_gone() -> None:
    """A host that stays away ends the stream with an error that says what to do."""
    reader = follower()
    waited = [reader.interrupted(HostGone("gone")) for _ in PAUSES]
    assert waited == list(PAUSES)
    with pytest.raises(HostGone):
        reader.interrupted(None)
    assert sum(PAUSES) < 2


def test_a_line_gives_all_attempts_back() -> None:
    """Only attempts in a row count."""
    reader = follower()
    for _ in PAUSES:
        reader.interrupted(None)
    reader.line(": alive")
    assert reader.interrupted(None) == PAUSES[0]


def test_refusal_of_the_host_is_not_retried() -> None:
    """What the host refuses it will refuse again."""
    with pytest.raises(UnknownAccount):
        follower().interrupted(UnknownAccount())


def test_goodbye_means_that_the_host_is_not_started_again() -> None:
    """Somebody stopped it; only the next sign of life of a host takes that back."""
    reader = follower()
    assert feed(reader, "event: goodbye\ndata: {}\n\n") == []
    assert not reader.may_start
    feed(reader, 'data: {"a": 1}\n\n')
    assert reader.may_start
