"""
The shop of the demo: its phone, and customers who write once somebody is there to read.

The day begins when a computer is linked, because a companion gets what comes after
that, and from the phone's own history what came before. People of the history and
customers of the day are the same where they share a seed.
"""

from __future__ import annotations

import logging
import threading

from wakit.emulator import Network
from wakit.emulator.customer import Said
from wakit.emulator.phone import Phone
from wakit.emulator.shop import Shop
from wakit.errors import WakitError

log = logging.getLogger(__name__)

NUMBER = "+57 300 123 4567"
NAME = "Café Andino"
SEED = 1
#: A day of ten hours in ten minutes: something happens every few seconds.
SPEED = 60.0
#: Chats from before the computer was linked, and messages in each.
HISTORY = (12, 25)
_POLL = 0.2
_DAY_TIMEOUT = 60.0


class DemoShop:
    """A shop with one phone and a day's customers."""

    def __init__(self, network: Network) -> None:
        """Switch the shop's phone on; nobody writes yet."""
        self.phone: Phone = network.phone(NUMBER, name=NAME)
        self._network = network
        self._day: Shop | None = None
        self._closing = threading.Event()
        self._waiting: threading.Thread | None = None

    def open_when_linked(self) -> None:
        """Let the day begin as soon as a computer is linked; returns at once."""
        self._waiting = threading.Thread(target=self._wait_and_open, name="wakit-demo-shop", daemon=True)
        self._waiting.start()

    def live_a_day(self) -> list[Said]:
        """Play the whole day as fast as possible and return everything that customers sent."""
        self._day = Shop(self._network, self.phone, seed=SEED, speed=0)
        return self._day.start().join(_DAY_TIMEOUT)

    def close(self) -> None:
        """Let nobody write any more."""
        self._closing.set()
        if self._waiting is not None:
            self._waiting.join()
        if self._day is not None:
            self._day.stop()

    def _wait_and_open(self) -> None:
        while not self._closing.wait(_POLL):
            devices = self.phone.devices
            if devices:
                break
        else:
            return
        try:
            self.phone.wait_ready(devices[-1])
            chats, messages = HISTORY
            self.phone.push_history(chats, messages_per_chat=messages, seed=SEED)
            self._day = Shop(self._network, self.phone, seed=SEED, speed=SPEED).start()
        except (WakitError, TimeoutError):
            log.exception("the shop could not open")
