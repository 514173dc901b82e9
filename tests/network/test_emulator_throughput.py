"""The network is never the bottleneck of a load test."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from network.bare_client import BareClient, link

from wakit.emulator import Network
from wakit.emulator.phone import Phone

pytestmark = pytest.mark.network

COUNT = 600
PER_SECOND = 300
#: Other work on the machine may spoil a round, but not three.
ROUNDS = 3


def test_relay_carries_hundreds_of_messages_a_second(tmp_path: Path) -> None:
    """A backlog of 600 messages reaches the real library at 300 a second or faster."""
    with Network() as net:
        ana, leo = net.phone("+57 300 123 4567", name="Ana"), net.phone("+57 300 987 6543", name="Leo")
        with link(net, tmp_path, ana) as client:
            leo.send(ana, "inicio")
            client.wait_text("inicio")
            rates: list[float] = []
            while len(rates) < ROUNDS and max(rates, default=0.0) < PER_SECOND:
                rates.append(backlog_rate(net, client, leo, ana, f"ronda {len(rates)}"))
    assert max(rates) >= PER_SECOND, f"{rates} messages a second"


def backlog_rate(net: Network, client: BareClient, leo: Phone, ana: Phone, name: str) -> float:
    """Let messages wait while the network is down; return how many a second arrive when it is back."""
    net.offline()
    for number in range(COUNT):
        leo.send(ana, f"{name}, {number}")
    net.online()
    client.wait_text(f"{name}, 0", timeout=60)
    start = time.monotonic()
    client.wait_text(f"{name}, {COUNT - 1}", timeout=60)
    return COUNT / (time.monotonic() - start)
