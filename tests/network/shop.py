"""One linked shop with two customers and a group: what the tests of everything that a client can send stand on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hosts import until
from network.hosted import BUSINESS, Hosted, hosted

from wakit.client import Client
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.emulator.phone.records import Group
from wakit.paths import Workspace

#: Settings of a host that sends at any hour and at once, also to those who never wrote: for tests of other things than pacing.
UNPACED = {
    "WAKIT_QUIET_HOURS": "",
    "WAKIT_QUIET_WEEKDAYS": "",
    "WAKIT_QUIET_HOLIDAYS": "off",
    "WAKIT_PACING_PAUSE_MIN": "0",
    "WAKIT_PACING_PAUSE_MAX": "0",
    "WAKIT_PACING_BLOCK_PAUSE_MIN": "0",
    "WAKIT_PACING_BLOCK_PAUSE_MAX": "0",
    "WAKIT_PACING_WARMUP": "",
    "WAKIT_PACING_COLD": "1000",
}
ANA, BETO = "+57 310 765 4321", "+57 311 222 3344"


@dataclass
class Shop:
    """Everybody, and the client of the shop's host."""

    hosted: Hosted
    phone: Phone
    ana: Phone
    beto: Phone
    group: Group
    _count: int = field(default=0)

    @property
    def client(self) -> Client:
        return self.hosted.client

    def word(self) -> str:
        """Return a text that no other test of the module uses."""
        self._count += 1
        return f"número {self._count}"

    def asked(self, text: str, *, by: Phone | None = None, to: object = BUSINESS) -> str:
        """Let a customer write, and return the message's id once the host has stored it."""
        message_id = (by or self.ana).send(to, text)  # type: ignore[arg-type]
        until(lambda: message_id in set(self.client.messages()["message_id"]))
        return message_id

    @contextmanager
    def unacked(self) -> Iterator[None]:
        """Let WhatsApp carry what is sent and never say so, for the length of the block."""
        armed = self.hosted.network.faults.arm("message-unacked")
        try:
            yield
        finally:
            self.hosted.network.faults.disarm(armed)


@contextmanager
def open_shop(folder: Path, **environment: str) -> Iterator[Shop]:
    """Bring a shop up, link it, and wait until it can send; its host is unpaced but for *environment*."""
    workspace = Workspace(folder / "shop").create()
    with pytest.MonkeyPatch.context() as patched, Network() as network:
        for name, value in (UNPACED | environment).items():
            patched.setenv(name, value)
        with hosted(workspace, network) as found:
            phone = network.phone(BUSINESS, name="Café Andino")
            ana, beto = network.phone(ANA, name="Ana"), network.phone(BETO, name="Beto")
            group = phone.create_group("Pedidos", [ana, beto])
            found.link(phone)
            yield Shop(found, phone, ana, beto, group)
