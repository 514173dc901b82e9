"""F21, F36: host, worker and run of a campaign are killed at random moments."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign_kills import killed

pytestmark = [pytest.mark.faults, pytest.mark.outbox]


def test_F21_killed_campaign_reaches_everybody_once(tmp_path: Path) -> None:
    """Nobody decrypts the message twice, nobody is left out in silence, and what is undecided says why."""
    outcome = killed(tmp_path, people=24, kills=5, pause=0.2)
    assert outcome.kills == {"host": 2, "worker": 2, "run": 1}
    assert outcome.twice == []
    assert outcome.lost == []
    assert outcome.mistaken == []
    assert outcome.unexplained == []
