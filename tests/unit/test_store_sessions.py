"""When an account was listening: states and gaps as intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import START, at, entries, opened, table

from wakit.model import Gap, SessionState, SessionStatus
from wakit.paths import Workspace
from wakit.store import Store


def state(seconds: float, name: str = "connected", **more: Any) -> SessionStatus:
    return SessionStatus(account="default", state=SessionState(name), since=at(seconds), **more)


def gap(since: float, until: float, cause: str = "killed") -> Gap:
    return Gap(account="default", since=at(since), until=at(until), cause=cause)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def intervals(store: Store, account: str = "default") -> list[tuple[float, float | None, bool, str | None]]:
    """Return start, end, whether it was listening, and why not; in seconds of the day."""
    return [
        (
            (row["since"] - START).total_seconds(),
            (row["until"] - START).total_seconds() if row["until"] else None,
            row["listening"],
            row["cause"],
        )
        for row in store.intervals(account).to_pylist()
    ]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([state(0, "starting")], []),
        ([state(1)], [(1, None, True, None)]),
        ([state(1), state(5, "stopped")], [(1, 5, True, None), (5, None, False, "stopped")]),
        (
            [state(1), state(5, "reconnecting"), state(8)],
            [(1, 5, True, None), (5, 8, False, "reconnecting"), (8, None, True, None)],
        ),
        # The worker was killed: no state tells it, the gap does.
        (
            [state(1), gap(4, 7), state(7)],
            [(1, 4, True, None), (4, 7, False, "killed"), (7, None, True, None)],
        ),
        # The gap begins before the state that ended the listening.
        (
            [state(1), state(6, "deaf"), gap(3, 9, "deaf"), state(9)],
            [(1, 3, True, None), (3, 9, False, "deaf"), (9, None, True, None)],
        ),
        # Of several causes at once, the one that lasts longest is told, whatever its name.
        (
            [state(1), state(3, "reconnecting"), gap(3, 9, "killed"), gap(3, 5, "offline"), state(9)],
            [(1, 3, True, None), (3, 9, False, "killed"), (9, None, True, None)],
        ),
        # Two gaps that overlap are one time of not listening.
        ([state(1), gap(3, 6), gap(5, 8, "offline")], [(1, 3, True, None), (3, 8, False, "killed"), (8, None, True, None)]),
    ],
)
def test_intervals_are_connected_times_without_gaps(
    store: Store, records: Sequence[Any], expected: list[tuple[float, float | None, bool, str | None]]
) -> None:
    """Nothing is called listening that a gap doubts."""
    store.drain("default", entries(records))
    assert expected == intervals(store)


def test_status_that_only_changed_its_details_is_one_state(store: Store) -> None:
    """A status is told often; a state is entered once."""
    store.drain("default", entries([state(1), state(1, last_traffic_at=at(5)), state(1, last_traffic_at=at(9))]))
    store.drain("default", entries([state(1, restarts=1)], first=4))
    assert 1 == len(table(store, "FROM core.state"))


def test_account_has_the_facts_of_its_last_status(store: Store) -> None:
    """Number and name stay known when the session is not up."""
    online = state(1, phone="+573009998877", push_name="Café", network="emulated:x")
    store.drain("default", entries([online, state(5, "stopped", network="emulated:x")]))
    (row,) = store.accounts().to_pylist()
    assert ("+573009998877", "Café", "emulated:x", "stopped", at(5)) == (
        row["phone"],
        row["push_name"],
        row["network"],
        row["state"],
        row["since"],
    )


POINTS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["connected", "reconnecting", "gap"]), st.integers(1, 9)), max_size=12
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=POINTS)
def test_intervals_agree_with_a_second_by_second_count(store: Store, points: list[tuple[int, str, int]]) -> None:
    """For any states and gaps, a second is listening exactly when the last state is connected and no gap holds it."""
    states = {since: name for since, name, _ in points if name != "gap"}
    gaps = [(since, since + length) for since, name, length in points if name == "gap"]

    def is_listening(second: int) -> bool:
        last = max((since for since in states if since <= second), default=None)
        return last is not None and states[last] == "connected" and not any(a <= second < b for a, b in gaps)

    account = f"a{store.accounts().num_rows}"
    store.drain(account, entries([*(state(s, n) for s, n in states.items()), *(gap(a, b) for a, b in gaps)]))
    found = [(since, 99 if until is None else until) for since, until, up, _ in intervals(store, account) if up]
    assert [is_listening(s) for s in range(60)] == [any(a <= s < b for a, b in found) for s in range(60)]
