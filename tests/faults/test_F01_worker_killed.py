"""F01: SIGKILL of the worker, at each step of its callback and at random moments: what was committed is stored exactly once."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from driven_session import Driven, poll
from replayed import replayed

from wakit.emulator.phone import Phone

pytestmark = [pytest.mark.network, pytest.mark.faults]

BUSINESS = "+57 300 123 4567"
#: The message at which the fault strikes.
AT = 4
KILLS, BURST = 5, 30


def assert_stored_once(ana: Driven) -> None:
    """Move the whole journal into a store, and once more from its beginning: each message and each gap of it is there once."""
    found = replayed(ana)
    assert found.stored == found.journaled
    assert found.gaps_stored == found.gaps_journaled


@pytest.mark.parametrize(("step", "lost"), [("before insert", 1), ("before commit", 1), ("after commit", 0), ("after return", 0)])
def test_F01_killed_at_each_step_of_the_callback(
    restarted: Callable[[], Driven],
    faulty: Callable[..., Path],
    talk: Callable[[int, int], list[str]],
    step: str,
    lost: int,
) -> None:
    """SIGKILL in the callback: what was committed is there once, at most the message at hand is missing, one gap."""
    struck = faulty("kill", step=step, at=AT)
    ana = restarted()
    texts = talk(1, AT)
    poll(struck.exists)
    assert ana.until("reconnecting").reason == "killed"
    ana.until("connected")
    texts += talk(AT + 1, AT + 5)
    poll(lambda: texts[-1] in ana.texts())
    told = ana.texts()
    assert len(told) == len(set(told))
    missing = set(texts) - set(told)
    assert missing <= {f"mensaje {AT}"}
    assert len(missing) <= lost
    assert [gap.cause for gap in ana.gaps()] == ["stopped", "killed"]
    assert ana.ends()[-1]["code"] == -9
    assert_stored_once(ana)


def test_F01_killed_at_random_moments(ana: Driven, customer: Phone) -> None:
    """Five kills in bursts of messages (the benchmark has more): one gap each, nothing twice, lost at most one stretch."""
    chance = random.Random(7)
    bursts = [[f"{kill}-{number}" for number in range(BURST)] for kill in range(KILLS)]
    for burst in bursts:
        at = chance.choice(burst)
        for text in burst:
            customer.send(BUSINESS, text)
            if text == at:
                os.kill(int(str(ana.session.pid)), signal.SIGKILL)
        ana.until("reconnecting")
        ana.until("connected")
        poll(lambda last=burst[-1]: last in ana.texts())  # type: ignore[misc]
    told = ana.texts()
    assert len(told) == len(set(told))
    for burst in bursts:  # the library confirms what it has not handed over yet: some in a row, and no others
        missing = [number for number, text in enumerate(burst) if text not in told]
        assert missing == list(range(missing[0], missing[-1] + 1) if missing else [])
    assert [gap.cause for gap in ana.gaps()] == ["killed"] * KILLS
    assert_stored_once(ana)
