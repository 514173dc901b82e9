"""F02: SIGKILL of the process that drains, at each of its steps."""

from __future__ import annotations

import random
import signal

import pytest
from drained import LAST, MESSAGES, drain
from stored import opened, table

from wakit.paths import Workspace
from wakit.store.drain import STEPS

pytestmark = pytest.mark.faults


def assert_whole(workspace: Workspace) -> None:
    """Every message is there once, and nothing is claimed for a row that is not."""
    with opened(workspace) as store:
        ids = store.messages()["message_id"].to_pylist()
        assert sorted(f"M{n}" for n in range(MESSAGES)) == sorted(ids)
        assert LAST == store.watermark("default")
        assert MESSAGES == len(store._keys)


@pytest.mark.parametrize("step", STEPS)
def test_F02_killed_at_each_step_no_row_is_lost_or_twice(workspace: Workspace, step: str) -> None:
    """Killed early and again in the middle of a long entry, then drained to the end: every message exactly once."""
    assert [-signal.SIGKILL] * 2 == [drain(workspace, step, 2), drain(workspace, step, 5)]
    with opened(workspace) as store:
        last, items = table(store, "SELECT coalesce(max(seq), 0), count(*) FROM core.message")[0]
        assert last <= max(store.watermark("default"), store._drain.mark(1).part_seq)
        assert items <= MESSAGES
    assert 0 == drain(workspace)
    assert_whole(workspace)


def test_F02_killed_at_random_moments_no_row_is_lost_or_twice(workspace: Workspace) -> None:
    """Six processes die somewhere in their work; the last one finishes it."""
    chance = random.Random(11)
    for _ in range(6):
        drain(workspace, chance.choice(STEPS), chance.randint(1, 4))
    assert 0 == drain(workspace)
    assert_whole(workspace)


def test_F02_entries_lost_in_a_power_cut_can_be_told_again(workspace: Workspace) -> None:
    """Keys of entries that never became rows are given up, so a redelivery under another number is stored."""
    assert -signal.SIGKILL == drain(workspace, "begin", 3)
    with opened(workspace) as store:
        known = set(store.messages()["message_id"].to_pylist())
        assert len(known) == len(store._keys)
