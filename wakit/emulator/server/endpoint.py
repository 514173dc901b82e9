"""
An open connection of a device, however its stanzas travel.

Sockets and in-process phones are the same to the server: something with an
address that stanzas can be written to.
"""

from __future__ import annotations

import asyncio
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable

from wakit.emulator.link import Receiver, StanzaError
from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.server.state import Account, Device
from wakit.emulator.trace import Direction, Trace
from wakit.ids import JID, LID_SERVER

#: How long a request of a phone may take; the server answers at once or never.
_ANSWER_SECONDS = 30.0


class Endpoint(ABC):
    """One connection; ``account`` and ``device`` are set when it has logged in."""

    def __init__(self, trace: Trace) -> None:
        self.account: Account | None = None
        self.device: Device | None = None
        #: After ``<active/>``: live stanzas may be written to it.
        self.active = False
        #: After ``<presence type="available"/>``.
        self.available = False
        #: Whose presence it asked for.
        self.subscriptions: set[JID] = set()
        self._trace = trace

    @property
    def who(self) -> str:
        """Return what the trace calls it."""
        return str(self.jid) if self.account else "unpaired"

    @property
    def jid(self) -> JID:
        """The phone-number address of the device."""
        account, device = self.owner
        return JID(account.phone, account.pn_jid.server, device.number)

    @property
    def owner(self) -> tuple[Account, Device]:
        """
        Who logged in here.

        Raises:
            StanzaError: 401, nobody has.
        """
        if self.account is None or self.device is None:
            raise StanzaError(401, "not-authorized")
        return self.account, self.device

    def as_member(self, group: JID) -> Attrs:
        """Return how the device is written as the author of something in a group."""
        account, device = self.owner
        return {"from": group, "participant": account.address(LID_SERVER, device.number), "participant_pn": account.pn_jid}

    @property
    def is_companion(self) -> bool:
        """Whether faults may hit it: linked devices and those that want to be, never phones."""
        return self.device is None or self.device.number != 0

    def write(self, node: Node) -> None:
        """Send a stanza to the device."""
        self._trace.add(Direction.TO_CLIENT, self.who, node)
        self._write(node)

    @abstractmethod
    def _write(self, node: Node) -> None:
        """Put a stanza on the wire."""

    @abstractmethod
    def close(self, *, after: float = 0.0) -> None:
        """Close in good order: what was written still arrives; *after* gives the client time to do it first."""

    @abstractmethod
    def abort(self) -> None:
        """Drop the connection as a broken network does."""


class Attached(Endpoint):
    """A phone in this process; also its ``Link``."""

    _ids = itertools.count(1)

    def __init__(self, trace: Trace, receiver: Receiver, handle: Callable[[Endpoint, Node], None]) -> None:
        super().__init__(trace)
        self._receiver = receiver
        self._handle = handle
        self._answers: dict[str, asyncio.Future[Node]] = {}
        self._inbox: asyncio.Queue[Node] = asyncio.Queue()
        self._pump = asyncio.get_running_loop().create_task(self._deliver())
        self.closed = False
        self.on_close: Callable[[Endpoint], None] | None = None

    async def request(self, iq: Node) -> Node:
        """Send an iq and return its result."""
        iq.attrs.setdefault("id", f"phone-{next(self._ids)}")
        iq.attrs.setdefault("to", SERVER)
        answer: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._answers[iq.get("id")] = answer
        try:
            await self.send(iq)
            result = await asyncio.wait_for(answer, _ANSWER_SECONDS)
        finally:
            self._answers.pop(iq.get("id"), None)
        error = result.child("error")
        if result.get("type") == "error":
            raise StanzaError(error.number("code") if error else 500, error.get("text") if error else "")
        return result

    async def send(self, node: Node) -> None:
        """Hand a stanza to the server."""
        if self.closed:
            raise StanzaError(503, "the phone is offline")
        self._handle(self, node)
        await asyncio.sleep(0)

    def _write(self, node: Node) -> None:
        answer = self._answers.get(node.get("id")) if node.tag == "iq" else None
        if answer is not None and not answer.done():
            answer.set_result(node)
        else:
            self._inbox.put_nowait(node)

    async def _deliver(self) -> None:
        while True:
            await self._receiver(await self._inbox.get())

    def close(self, *, after: float = 0.0) -> None:  # noqa: ARG002 - a phone needs no time
        """Go offline."""
        if self.closed:
            return
        self.closed = True
        self._pump.cancel()
        if self.on_close:
            self.on_close(self)

    def abort(self) -> None:
        self.close()
