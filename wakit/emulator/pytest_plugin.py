"""The emulated network as a pytest fixture; loaded by every test run, so it imports nothing before it is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from wakit.emulator.network import Network


@pytest.fixture
def whatsapp_network() -> Iterator[Network]:
    """Return a running emulated WhatsApp; it is gone, with everything in it, when the test ends."""
    from wakit.emulator.network import Network

    with Network() as network:
        yield network
