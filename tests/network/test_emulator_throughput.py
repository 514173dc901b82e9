"""The network is never the bottleneck of a load test."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from network.bare_client import link

from wakit.emulator import Network

pytestmark = pytest.mark.network

COUNT = 600
PER_SECOND = 300


def test_relay_carries_hundreds_of_messages_a_second(tmp_path: Path) -> None:
    """A backlog of 600 messages reaches the real library at 300 a second or faster."""
    with Network() as net:
        ana, leo = net.phone("+57 300 123 4567", name="Ana"), net.phone("+57 300 987 6543", name="Leo")
        with link(net, tmp_path, ana) as client:
            leo.send(ana, "inicio")
            client.wait_text("inicio")
            net.offline()
            for number in range(COUNT):
                leo.send(ana, f"m{number}")
            net.online()
            client.wait_text("m0", timeout=60)
            start = time.monotonic()
            client.wait_text(f"m{COUNT - 1}", timeout=60)
            rate = COUNT / (time.monotonic() - start)
    assert rate >= PER_SECOND, f"{rate:.0f} messages a second"
