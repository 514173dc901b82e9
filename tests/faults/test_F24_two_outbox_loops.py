"""F24: two loops, or two hosts, work on one send queue."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from wakit.clock import ManualClock
from wakit.outbox import Outbox
from wakit.outgoing import Text
from wakit.paths import Workspace

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

ANA = "573001234567@s.whatsapp.net"
CLOCK = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))

_CLAIM_ALL = """
import sys
from pathlib import Path
from wakit.clock import SystemClock
from wakit.outbox import Outbox
from wakit.outgoing import Text
outbox = Outbox(Path(sys.argv[1]), SystemClock())
while (task := outbox.claim("default").task) is not None:
    print(task.content.text)
outbox.close()
"""


def test_F24_two_loops_claim_each_message_once(workspace: Workspace) -> None:
    """Two queues on one file, eight threads: every message is claimed exactly once."""
    one, two = Outbox(workspace.outbox, CLOCK), Outbox(workspace.outbox, CLOCK)
    try:
        for n in range(60):
            one.add("default", ANA, Text(text=str(n)))

        def claim_all(queue: Outbox) -> list[str]:
            texts = []
            while (task := queue.claim("default").task) is not None:
                texts.append(task.content.text)
            return texts

        with ThreadPoolExecutor(8) as pool:
            claimed = [text for texts in pool.map(claim_all, [one, two] * 4) for text in texts]
    finally:
        one.close()
        two.close()
    assert sorted(map(str, range(60))) == sorted(claimed)


def test_F24_two_processes_claim_each_message_once(workspace: Workspace) -> None:
    """Two processes on one file: every message is claimed exactly once."""
    outbox = Outbox(workspace.outbox, CLOCK)
    for n in range(200):
        outbox.add("default", ANA, Text(text=str(n)))
    outbox.close()
    command = [sys.executable, "-c", _CLAIM_ALL, str(workspace.outbox)]
    loops = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    claimed = [line for loop in loops for line in loop.communicate(timeout=60)[0].split()]
    assert [0, 0] == [loop.returncode for loop in loops]
    assert sorted(map(str, range(200))) == sorted(claimed)
