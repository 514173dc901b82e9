"""The emulated network as a pytest fixture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wakit.emulator.network import Network


@pytest.fixture
def whatsapp_network() -> Iterator[Network]:
    """Return a running emulated WhatsApp; it is gone, with everything in it, when the test ends."""
    with Network() as network:
        yield network
