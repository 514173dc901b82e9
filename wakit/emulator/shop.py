"""
A small shop's day: customers with phones of their own, who write by a script.

``Shop`` plays the script of a seed at a chosen speed and keeps a record of
everything that was sent, so that a test can demand that all of it arrived.
Customers also answer, a few times each, when the business writes to them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any

from wakit.emulator import phrases
from wakit.emulator.customer import Customer, Said
from wakit.emulator.people import person
from wakit.emulator.phone.inbox import Log
from wakit.emulator.phone.records import Group, Received
from wakit.emulator.script import DAY_SECONDS, GROUP_SIZE, day
from wakit.model import MessageType

if TYPE_CHECKING:
    from wakit.emulator.network import Network
    from wakit.emulator.phone import Phone

_CALL_SECONDS = 30.0


class Shop:
    """The customers of one business, for one day."""

    def __init__(
        self, network: Network, business: Phone, *, seed: int = 1, speed: float = 60.0, customers: int = 12, visits: int = 30
    ) -> None:
        """
        Write the script; nothing happens before ``start``.

        Args:
            network: Where it happens.
            business: Whom the customers write to.
            seed: The same seed gives the same people, texts, order and message ids.
            speed: How much faster than the clock; 0 is as fast as possible. The day has ten hours.
            customers: How many there are.
            visits: How often somebody comes to write a few messages.
        """
        self.business = business
        self.script = day(seed=seed, customers=customers, visits=visits)
        self.people = [person(seed, index) for index in range(customers)]
        #: The neighbours' group, made by ``start``.
        self.group: Group | None = None
        self.customers: list[Phone] = []
        self._network = network
        self._seed = seed
        self._speed = speed
        self._said: Log[Said] = Log("sent messages")
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def sent(self) -> list[Said]:
        """Everything that customers sent so far, in order, answers included."""
        return self._said.all()

    @property
    def texts(self) -> list[str]:
        """The texts of the script that were sent so far; without edits, captions and answers."""
        return [one.text for one in self.sent if one.type is MessageType.TEXT and not one.is_answer]

    def start(self) -> Shop:
        """Switch the customers' phones on, let the neighbours make their group, and open; the day then goes on by itself."""
        self.customers = [self._network.phone(one.number, name=one.name) for one in self.people]
        first, *others = self.customers[:GROUP_SIZE]
        self.group = first.create_group(phrases.GROUP_NAME, [self.business, *others])
        self._network.run(self._open(self.group), timeout=_CALL_SECONDS)
        return self

    def join(self, timeout: float = DAY_SECONDS) -> list[Said]:
        """
        Wait until the script is played and the answers under way are given; returns everything that was sent.

        Raises:
            TimeoutError: That takes longer than *timeout* seconds.
        """
        if not self._over.wait(timeout):
            msg = f"The shop's day is not over after {timeout:g} s, {len(self.sent)} messages were sent. Use a higher speed."
            raise TimeoutError(msg)
        if self._failure is not None:
            raise self._failure
        return self.sent

    def stop(self) -> None:
        """Close the shop now: phones stay on, but nobody writes or answers any more."""
        self._network.run(self._close(), timeout=_CALL_SECONDS)

    # On the network's loop

    async def _open(self, group: Group) -> None:
        cast = []
        for index, phone in enumerate(self.customers):
            seed = f"answers-{self._seed}-{index}"
            customer = Customer(phone.handset, self.business.jid, group.jid, seed=seed, record=self._said.append)
            phone.handset.incoming.on_message = partial(self._hear, customer)
            cast.append(customer)
        self._spawn(self._play(cast))

    async def _close(self) -> None:
        for phone in self.customers:
            phone.handset.incoming.on_message = None
        for task in list(self._tasks):
            task.cancel()

    async def _play(self, cast: list[Customer]) -> None:
        loop = asyncio.get_running_loop()
        opened = loop.time()
        for step in self.script:
            if self._speed:
                await asyncio.sleep(max(0.0, opened + step.at / self._speed - loop.time()))
            await cast[step.customer].perform(step)

    async def _hear(self, customer: Customer, received: Received) -> None:
        self._spawn(customer.hear(received, speed=self._speed))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = self._failure or task.exception()
        if not self._tasks:
            self._over.set()
