"""Sessions with a fault: in the network, or in the worker."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driven_session import Driven, poll

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.paths import Workspace
from wakit.session import process
from wakit.session.states import Limits

BUSINESS, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"
WORKER = Path(__file__).parents[1] / "faulty_worker.py"


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    """Return one network for all tests of a module."""
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def phone(net: Network) -> Phone:
    """Return the phone of the account."""
    return net.phone(BUSINESS, name="Café Andino")


@pytest.fixture(scope="module")
def customer(net: Network) -> Phone:
    """Return somebody who writes to the account."""
    return net.phone(CUSTOMER, name="Clienta")


@pytest.fixture(scope="module")
def kept(net: Network, phone: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """Return a session that is linked once for all tests of a module; see ``ana``."""
    workspace = Workspace(tmp_path_factory.mktemp("kept")).create()
    with Driven(workspace, network=net, limits=Limits(reconnect=1.0, scan=4.0), call_timeout=2.0) as driven:
        yield driven.link(phone)


@pytest.fixture
def ana(kept: Driven, net: Network, phone: Phone) -> Iterator[Driven]:
    """Return the session of the module, connected, with no fault armed; linked again if the last test ended it."""
    net.faults.disarm()
    if not kept.session.is_linked:
        kept.link(phone)
    elif kept.status.state != "connected":
        kept.do(kept.session.retry_now())
        kept.until("connected")
    kept.forget()
    yield kept
    net.faults.disarm()


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that puts a fault into all workers started from now on, and gives the marker that says it struck."""

    def install(kind: str, **details: Any) -> Path:
        marker = tmp_path / "struck"
        monkeypatch.setenv("WAKIT_TEST_FAULT", json.dumps({"kind": kind, "marker": str(marker), **details}))
        monkeypatch.setattr(process, "command", lambda fd: [sys.executable, str(WORKER), str(fd)])
        return marker

    return install


@pytest.fixture
def talk(ana: Driven, customer: Phone) -> Callable[[int, int], list[str]]:
    """Return a function that sends numbered messages, each after the one before it is in the journal or the fault struck."""

    def send(first: int, last: int) -> list[str]:
        texts = [f"mensaje {number}" for number in range(first, last + 1)]
        for text in texts:
            customer.send(BUSINESS, text)
            time.sleep(0.02)
        return texts

    return send


@pytest.fixture
def restarted(ana: Driven) -> Callable[[], Driven]:
    """Return a function that brings the session back with the worker that is installed now."""

    def restart() -> Driven:
        ana.stop()
        ana.forget()
        ana.start().until("connected")
        poll(lambda: ana.entries(27))  # the offline queue is through, so that messages are counted from here
        return ana

    return restart
