"""F21: SIGKILL of the process that queues a campaign."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wakit.clock import ManualClock
from wakit.model import Purpose
from wakit.outbox import Outbox
from wakit.outbox.campaigns import Campaigns, Draft
from wakit.outbox.planning import Audience, Facts, Rules, plan
from wakit.outbox.templates import Template
from wakit.paths import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

PEOPLE = 4000
CLOCK = ManualClock(datetime(2026, 11, 24, 15, tzinfo=UTC))
#: Queues in chunks of ten, and says so after each.
_QUEUE = """
import sys
from pathlib import Path
from wakit.clock import SystemClock
from wakit.outbox import Outbox
from wakit.outbox.campaigns import Campaigns
outbox = Outbox(Path(sys.argv[1]), SystemClock())
campaigns = Campaigns(outbox, SystemClock())
while campaigns.enqueue(sys.argv[2], limit=10):
    print("chunk", flush=True)
"""


@pytest.fixture
def outbox(workspace: Workspace) -> Iterator[Outbox]:
    made = Outbox(workspace.outbox, CLOCK)
    yield made
    made.close()


def killed_behind(path: Path, campaign: str, chunks: int) -> int:
    """Let a process queue, kill it somewhere behind so many chunks, and return how it ended."""
    argv = [sys.executable, "-c", _QUEUE, str(path), campaign]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(chunks):
            process.stdout.readline()
        process.kill()
    return process.returncode


def test_F21_killed_while_queueing_everybody_is_queued_once(workspace: Workspace, outbox: Outbox) -> None:
    """Killed again and again in the middle of it, then queued to the end: each recipient has one message."""
    audience = Audience(columns=("telefono", "n"), rows=[(f"+57310{n:07d}", n) for n in range(PEOPLE)])
    template, campaigns, luck = Template("Hola {{ n }}"), Campaigns(outbox, CLOCK), random.Random(3)
    lines = plan(audience, template, Rules(campaign="café"), Facts())
    made = campaigns.draft(Draft(name="café", account="default", purpose=Purpose.MARKETING, template=template), lines)
    campaigns.start(made.id, confirm=made.recipients, digest=made.digest)
    ends = [killed_behind(workspace.outbox, made.id, luck.randint(1, 30)) for _ in range(4)]
    assert ends == [-signal.SIGKILL] * 4
    assert 0 < len(outbox.pending()) < PEOPLE
    while campaigns.enqueue(made.id):
        pass
    queued = [send.to for send in outbox.pending()]
    assert len(queued) == len(set(queued)) == PEOPLE
