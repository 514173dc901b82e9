"""A call is one row, whatever was told of it and in whichever order."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from stored import ANA, START, at, entries, opened, said, table

from wakit.details import Details
from wakit.model import Call, CallState, Message, MessageType, Record, Source
from wakit.paths import Workspace
from wakit.store import Store

S = CallState
CALLS = "SELECT outcome::VARCHAR, video, seconds, epoch_us(answered_at), epoch_us(ended_at), reason FROM calls"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def offered(**details: object) -> Message:
    facts = Details(**{"call_outcome": S.OFFERED, "call_video": False, **details})  # type: ignore[arg-type]
    return said("C1", None, type=MessageType.CALL, details=facts)


def then(state: CallState, second: float, **more: object) -> Call:
    values = {"account": "default", "chat": ANA, "caller": ANA, "call_id": "C1", "state": state, "ts": at(second), **more}
    return Call(**values)  # type: ignore[arg-type]


def micros(seconds: float | None) -> int | None:
    return None if seconds is None else int(at(seconds).timestamp() * 1_000_000)


CASES = {
    "only offered": ([offered()], ("offered", False, None, None, None, None)),
    "missed": ([offered(), then(S.MISSED, 30, reason="timeout")], ("missed", False, None, None, 30, "timeout")),
    "talked": ([offered(), then(S.ANSWERED, 5), then(S.ENDED, 65)], ("answered", False, 60, 5, 65, None)),
    "refused": ([offered(call_video=True), then(S.REJECTED, 3, reason="busy")], ("rejected", True, None, None, 3, "busy")),
    "over, and nothing said how": ([offered(), then(S.ENDED, 9)], ("ended", False, None, None, 9, None)),
    "from the phone's log": (
        [then(S.ANSWERED, 0, seconds=75, video=True, reason="connected", source=Source.HISTORY)],
        ("answered", True, 75, None, None, "connected"),
    ),
    "from a line of the history": (
        [offered(call_outcome=S.ANSWERED, call_seconds=12).with_(source=Source.HISTORY)],
        ("answered", False, 12, None, None, None),
    ),
    "offer of which nothing is known": ([said("C1", None, type=MessageType.CALL)], ("offered", None, None, None, None, None)),
}


@pytest.mark.parametrize(("told", "expected"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("seed", range(2))
def test_call_is_what_was_told_of_it(store: Store, told: list[Record], expected: tuple[object, ...], seed: int) -> None:
    """Outcome, duration and times are folded from offer, answer, end and log."""
    store.drain("default", entries(random.Random(seed).sample(told, len(told)) if seed else told))
    outcome, video, seconds, answered, ended, reason = expected
    folded = (outcome, video, seconds, micros(answered), micros(ended), reason)  # type: ignore[arg-type]
    assert table(store, CALLS) == [folded]


def test_call_names_its_people(store: Store) -> None:
    """The caller and the chat are people like everywhere."""
    store.drain("default", entries([offered(), said("C2", None, type=MessageType.CALL, from_me=True)]))
    query = "SELECT call_id, caller_name, chat, from_me, ts FROM calls ORDER BY call_id"
    first, second = table(store, query)
    assert first == ("C1", "+573001234567", ANA, False, START)
    assert second[2:4] == (ANA, True)
