"""
What keeps any widget true: a sign of life every second, and a host that is looked for again when it is gone.

Lives entirely on the bridge's loop. A host that goes away is looked for but not
started behind the person's back: somebody may have stopped it on purpose.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from wakit.clock import Clock
from wakit.errors import HostError, WakitError
from wakit.languages import Language

#: Seconds between two signs of life; the browser worries after five without one.
BEAT = 1.0
#: Seconds without a sign of an open view after which the beats end: the Jupyter server would
#: keep them for a page that may never come back.
UNSEEN = 1800.0
#: Shortest and longest pause before a host is looked for again.
PAUSES = (0.25, 4.0)
#: Most characters of a text that a view may send for a field.
FIELD = 64

#: A view was opened, or lost track; a view is still open.
_HELLO, _HERE = "hello", "here"


class Closes(Protocol):
    """What every client of a host can."""

    async def close(self) -> None: ...


C = TypeVar("C", bound=Closes)


class Live(ABC, Generic[C]):
    """
    The kernel's side of one widget.

    Args:
        opener: Returns an attached client; with ``True`` it may start a host.
        send: Hands a message to all views of the widget.
        clock: Of the beats and pauses.
        lang: Of what is said.
    """

    def __init__(
        self, opener: Callable[[bool], Awaitable[C]], send: Callable[[dict[str, Any]], None], *, clock: Clock, lang: Language
    ) -> None:
        self.clock = clock
        self.lang = lang
        self.send = send
        self._opener = opener
        self._client: C | None = None
        self._seen = clock.monotonic()
        self._following: asyncio.Task[None] | None = None
        self._pause = PAUSES[0]

    # What a widget is

    @abstractmethod
    async def greet(self) -> None:
        """Send everything to a view that was opened, or lost track."""

    @abstractmethod
    async def follow(self, client: C) -> None:
        """Follow the host for as long as it answers; call ``well`` with each sign of it."""

    @abstractmethod
    async def do(self, command: str, message: dict[str, Any]) -> None:
        """Do what a view asks for; what it does not know it ignores."""

    @abstractmethod
    def lost(self) -> None:
        """Show that no host answers."""

    @abstractmethod
    def fail(self, exc: BaseException) -> None:
        """Show an error that nobody else took."""

    def beat(self) -> dict[str, Any]:
        """Return what changes by the mere passing of time."""
        return {}

    def end(self) -> None:
        """Let go of what the widget holds beside its client."""

    # What all widgets do

    async def run(self) -> None:
        """Follow and beat until cancelled."""
        try:
            self.start_following()
            while True:
                await self.clock.sleep(BEAT)
                if self.is_seen:
                    self.send({"t": "beat", **self.beat()})
        finally:
            self.end()
            if self._following is not None:
                self._following.cancel()
            await self.detach()

    async def handle(self, message: dict[str, Any]) -> None:
        """Take what a view says."""
        self._seen = self.clock.monotonic()
        command = str(message.get("t", ""))[:FIELD]
        if command == _HELLO:
            await self.greet()
        elif command != _HERE:
            await self.do(command, message)

    def start_following(self) -> None:
        """Follow from the beginning, whatever was followed before."""
        if self._following is not None:
            self._following.cancel()
        self._following = asyncio.get_running_loop().create_task(self._keep_following())
        self._following.add_done_callback(self._followed)

    @property
    def is_following(self) -> bool:
        return self._following is not None and not self._following.done()

    @property
    def is_seen(self) -> bool:
        """Whether a view is open somewhere, as far as one can tell."""
        return self.clock.monotonic() - self._seen < UNSEEN

    def well(self) -> None:
        """Note that the host answers: the next pause is a short one."""
        self._pause = PAUSES[0]

    async def attach(self, *, start: bool) -> C:
        """Return the client of the host, attached."""
        if self._client is None:
            self._client = await self._opener(start)
        return self._client

    async def detach(self) -> None:
        """Let go of the client."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(WakitError):
                await client.close()

    def _followed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (exc := task.exception()) is not None:
            self.fail(exc)

    async def _keep_following(self) -> None:
        self._pause = PAUSES[0]
        while True:
            try:
                await self.follow(await self.attach(start=False))
            except HostError:
                await self.detach()
                self.lost()
            except WakitError as exc:
                self.fail(exc)
            await self.clock.sleep(self._pause)
            self._pause = min(self._pause * 2, PAUSES[1])
