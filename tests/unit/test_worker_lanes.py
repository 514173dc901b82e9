"""Downloads that nobody can end: a bounded number goes on beside the others, and then the worker is renewed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from wakit.session.lanes import MOST_HANGING, Lanes


class Calls:
    """Downloads that hang until the test lets them go."""

    def __init__(self) -> None:
        self.renewed = threading.Event()
        self.lanes = Lanes(self.renewed.set)
        self._released: list[threading.Event] = []

    def hang(self, name: str = "download") -> tuple[Future[None], threading.Event]:
        """Start a call that hangs, and return when it runs."""
        runs, released = threading.Event(), threading.Event()
        self._released.append(released)

        def work() -> None:
            runs.set()
            released.wait()

        call = self.lanes.start(name, work)
        assert runs.wait(30)
        return call, released

    def release(self) -> None:
        for one in self._released:
            one.set()


@pytest.fixture
def calls() -> Iterator[Calls]:
    found = Calls()
    yield found
    found.release()


def test_a_download_has_room_beside_those_that_hang(calls: Calls) -> None:
    """One less than the bound hang, and two more run at once; the worker stays."""
    for _ in range(MOST_HANGING - 1):
        call, _ = calls.hang()
        assert not calls.lanes.give_up("download", call)
    calls.hang()
    calls.lanes.start("download", lambda: None).result(30)
    assert not calls.renewed.is_set()


def test_too_many_that_hang_renew_the_worker(calls: Calls) -> None:
    """At the bound somebody is told, while there is still room for two."""
    for _ in range(MOST_HANGING):
        call, _ = calls.hang()
        calls.lanes.give_up("download", call)
    assert calls.renewed.is_set()
    calls.hang()
    calls.hang()


def test_what_came_back_late_hangs_no_more(calls: Calls) -> None:
    """Only those count that are still under way when the next one is given up."""
    for _ in range(2 * MOST_HANGING):
        call, released = calls.hang()
        calls.lanes.give_up("download", call)
        released.set()
        call.result(30)
    assert not calls.renewed.is_set()


def test_calls_that_wait_are_taken_back_and_other_kinds_never_count(calls: Calls) -> None:
    """A send that hangs is no download, and the one behind it was not begun."""
    call, _ = calls.hang("send")
    behind = calls.lanes.start("send", lambda: None)
    assert calls.lanes.give_up("send", behind)
    for _ in range(MOST_HANGING):
        assert not calls.lanes.give_up("send", call)
    assert not calls.renewed.is_set()
