"""The one thread on which widgets live."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError
from queue import Queue

import pytest

from wakit.widgets.bridge import Bridge


@pytest.fixture
def bridge() -> Bridge:
    return Bridge()


def test_work_runs_on_the_bridge_whoever_hands_it_in(bridge: Bridge) -> None:
    """Main thread, a subshell's thread with a loop of its own, no loop at all: the work runs on the same thread."""

    async def where() -> str:
        return threading.current_thread().name

    async def from_a_loop() -> str:
        return await asyncio.wrap_future(bridge.submit(where(), errors.append))

    errors: list[BaseException] = []
    names = [bridge.submit(where(), errors.append).result(5)]
    stranger = threading.Thread(target=lambda: names.append(asyncio.run(from_a_loop())))
    stranger.start()
    stranger.join(5)
    bridge.close()
    assert (["wakit-widgets", "wakit-widgets"], []) == (names, errors)


def test_errors_are_routed_to_whoever_handed_the_work_in(bridge: Bridge, capsys: pytest.CaptureFixture[str]) -> None:
    """An error reaches its handler on the bridge's thread and is printed nowhere."""
    told: Queue[tuple[type[BaseException], str]] = Queue()

    async def breaks() -> None:
        raise KeyError("x")

    future = bridge.submit(breaks(), lambda exc: told.put((type(exc), threading.current_thread().name)))
    with pytest.raises(KeyError):
        future.result(5)
    assert (KeyError, "wakit-widgets") == told.get(timeout=5)
    bridge.close()
    assert ("", "") == tuple(capsys.readouterr())


def test_close_cancels_what_runs(bridge: Bridge) -> None:
    """Closing ends the thread and whatever it was doing; that is nobody's error."""
    told: list[BaseException] = []
    running = bridge.submit(asyncio.sleep(60), told.append)
    bridge.close()
    with pytest.raises(CancelledError):
        running.result(5)
    bridge.close()
    assert [] == told
    assert not bridge._thread.is_alive()
