"""
The phone as a device on the network: its keys, its connection, its memory.

Everything here and in the modules around it runs on the network's loop. What a
stanza means is decided elsewhere; this is what they all share.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

from wakit.emulator.link import Exchange, Identity, Link, Receiver
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.phone.directory import Directory, key_node
from wakit.emulator.phone.inbox import Log
from wakit.emulator.phone.records import Activity, Receipt, Received
from wakit.emulator.signal import Endpoint
from wakit.ids import JID

LOG = logging.getLogger(__name__)

#: Sent messages kept for receivers that ask again; whatsmeow keeps 256.
_MAX_SENT = 2000
#: Companions and strangers each use one up; the network says when few are left.
_PREKEYS = 32
#: A crash of the emulator loses at most this much; sessions then recover by retry receipts.
_SAVE_AFTER = 2.0


class Sent:
    """The messages this phone sent, by id, for whoever could not read them."""

    def __init__(self) -> None:
        self._messages: OrderedDict[str, tuple[JID, bytes]] = OrderedDict()

    def put(self, message_id: str, chat: JID, message: bytes) -> None:
        """Remember a message, and forget the oldest beyond the limit."""
        self._messages[message_id] = (chat, message)
        while len(self._messages) > _MAX_SENT:
            self._messages.popitem(last=False)

    def get(self, message_id: str) -> tuple[JID, bytes] | None:
        """Return the chat and the serialised message, where it is still known."""
        return self._messages.get(message_id)

    def dump(self) -> list[list[str]]:
        """Return them as JSON values."""
        return [[name, str(chat), base64.b64encode(data).decode()] for name, (chat, data) in self._messages.items()]

    def load(self, dump: list[list[str]]) -> None:
        """Restore what ``dump`` returned."""
        for name, chat, data in dump:
            self.put(name, JID.parse(chat), base64.b64decode(data))


class Device:
    """Device 0 of an account."""

    link: Link
    directory: Directory

    def __init__(self, exchange: Exchange, identity: Identity) -> None:
        self.exchange = exchange
        self.identity = identity
        self.pn = identity.pn_jid
        self.lid = identity.lid_jid
        self.messages: Log[Received] = Log("messages")
        self.receipts: Log[Receipt] = Log("receipts")
        self.activities: Log[Activity] = Log("presence updates")
        self.sent = Sent()
        #: Received messages by id.
        self.known: dict[str, Received] = {}
        #: What other modules keep across a restart, by their own names.
        self.memory: dict[str, Any] = {}
        self._vault_name = f"phone-{identity.phone}"
        self._tasks: set[asyncio.Task[Any]] = set()
        self._saving = asyncio.Lock()
        self._awaited: dict[str, list[asyncio.Future[None]]] = {}
        self._is_changed = False
        self.endpoint = self._restored() or Endpoint.generate()

    async def connect(self, receiver: Receiver) -> None:
        """Go online: publish prekeys, then take what waited."""
        self.link = self.exchange.attach(self.pn, receiver)
        self.directory = Directory(self.exchange, self.link)
        await self.publish_prekeys()
        await self.link.request(Node("iq", {"xmlns": "passive", "type": "set", "to": SERVER}, [Node("active")]))

    async def publish_prekeys(self) -> None:
        """Upload new one-time prekeys, and the identity and signed prekey with them."""
        endpoint, prekeys = self.endpoint, self.endpoint.prekeys
        listed = [key_node("key", number, pair.public) for number, pair in prekeys.more(_PREKEYS).items()]
        parts = [
            Node("registration", {}, endpoint.registration_id.to_bytes(4, "big")),
            Node("type", {}, b"\x05"),
            Node("identity", {}, endpoint.identity.public),
            Node("list", {}, listed),
            key_node("skey", prekeys.signed_id, prekeys.signed.public, prekeys.signature),
        ]
        await self.link.request(Node("iq", {"xmlns": "encrypt", "type": "set", "to": SERVER}, list(parts)))
        self.changed()

    def file(self, received: Received) -> None:
        """Keep a message that was received."""
        self.known[received.id] = received
        self.messages.append(received)
        for waiting in self._awaited.pop(received.id, ()):
            if not waiting.done():
                waiting.set_result(None)

    async def until_known(self, message_id: str, seconds: float) -> None:
        """
        Wait until this phone has sent or received a message.

        Raises:
            TimeoutError: It has not within *seconds*.
        """
        if message_id not in self.known and self.sent.get(message_id) is None:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._awaited.setdefault(message_id, []).append(waiting)
            await asyncio.wait_for(waiting, seconds)

    def is_own(self, jid: JID) -> bool:
        """Tell whether an address is this phone's account, on any device."""
        return jid.user in (self.lid.user, self.pn.user)

    def spawn(self, work: Coroutine[Any, Any, object]) -> None:
        """
        Run *work* beside the receiver.

        A receiver that sends a message and waits for its ack would wait for itself.
        """
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            LOG.warning("%s could not finish %s: %s", self.pn, task.get_coro(), task.exception())

    async def close(self) -> None:
        """Go offline, with everything kept."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.link.close()
        await self._save()

    # Memory

    def changed(self) -> None:
        """Keep the state soon: many messages share one write."""
        if not self._is_changed:
            self._is_changed = True
            self.spawn(self._save_soon())

    async def _save_soon(self) -> None:
        await asyncio.sleep(_SAVE_AFTER)
        await self._save()

    async def _save(self) -> None:
        async with self._saving:
            self._is_changed = False
            state = {"endpoint": self.endpoint.dump(), "sent": self.sent.dump(), "memory": self.memory}
            # The vault waits for the disk; the network must not.
            await asyncio.to_thread(self.exchange.vault.write, self._vault_name, json.dumps(state).encode())

    def _restored(self) -> Endpoint | None:
        data = self.exchange.vault.read(self._vault_name)
        if data is None:
            return None
        state = json.loads(data)
        self.sent.load(state["sent"])
        self.memory = state["memory"]
        return Endpoint.load(state["endpoint"])
