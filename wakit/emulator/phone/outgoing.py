"""
Sending: a message is encrypted once for every device that may read it.

The receiver's devices get the message, the own companions get it wrapped in a
DeviceSentMessage, groups get it under a sender key. Encrypting and handing over
happen under one lock: the counters of a session must leave in order.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.phone import contents
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.groups import Groups
from wakit.emulator.signal import Ciphertext
from wakit.errors import RateLimited, SendFailed, SendUnknown, SessionError
from wakit.ids import JID
from wakit.proto import e2e_pb

#: An in-process network answers at once; longer means that it was told not to.
_ACK_TIMEOUT = 10.0
_TOO_MANY = 429


class Outgoing:
    """Everything this phone sends that is encrypted."""

    def __init__(self, device: Device, groups: Groups) -> None:
        self._device = device
        self._groups = groups
        self._lock = asyncio.Lock()
        self._acks: dict[str, asyncio.Future[Node]] = {}

    async def send(self, chat: JID, message: Any, *, message_id: str | None = None) -> str:
        """
        Send to a person (any address) or a group, and return the message's id.

        Raises:
            NotOnWhatsApp: Nobody has this address.
            RateLimited: The network asked to slow down.
            SendFailed: The network refused the message.
            SendUnknown: The network did not acknowledge it in time.
        """
        message_id = message_id or new_id()
        self._device.sent.put(message_id, chat, message.SerializeToString())
        prepare = self._for_group if chat.is_group else self._for_person
        await self._deliver(message_id, lambda: prepare(chat, message, message_id))
        return message_id

    async def send_peer(self, companion: JID, message: Any) -> str:
        """Send a message of the protocol itself to one of the own companions (LID with device)."""
        message_id = new_id()
        self._device.sent.put(message_id, companion, message.SerializeToString())
        await self._deliver(message_id, lambda: self._for_peer(companion, message, message_id))
        return message_id

    async def resend(self, stanza: Node, device: JID, plaintext: bytes, encrypted: dict[str, str]) -> None:
        """Encrypt once more for one device that could not read a message."""
        async with self._lock:
            await self._ensure_sessions([device])
            if self._device.endpoint.has_session(device):
                stanza.content = [self._enc(device, plaintext, encrypted)]
                await self._device.link.send(stanza)

    def acked(self, ack: Node) -> None:
        """Take the network's answer to a message."""
        future = self._acks.pop(ack.get("id"), None)
        if future is not None and not future.done():
            future.set_result(ack)

    async def _deliver(self, message_id: str, prepare: Callable[[], Awaitable[Node]]) -> None:
        future: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._acks[message_id] = future
        try:
            async with self._lock:
                await self._device.link.send(await prepare())
            self._device.changed()
            ack = await asyncio.wait_for(future, _ACK_TIMEOUT)
        except TimeoutError as exc:
            msg = f"The emulated network did not acknowledge message {message_id} within {_ACK_TIMEOUT:g} s."
            raise SendUnknown(msg, message_id=message_id) from exc
        finally:
            self._acks.pop(message_id, None)
        code = ack.number("error")
        if code:
            kind: type[SessionError] = RateLimited if code == _TOO_MANY else SendFailed
            msg = f"The emulated network refused message {message_id} with code {code}."
            raise kind(msg, message_id=message_id, code=code)
        if ack.get("phash"):
            # The network knows of other devices than this phone: ask again before the next message.
            self._device.directory.forget_all()

    async def _for_person(self, chat: JID, message: Any, message_id: str) -> Node:
        device, directory = self._device, self._device.directory
        peer, phone = directory.lid(chat).bare, directory.phone(chat).bare
        devices = [one for one in await directory.devices([peer, device.lid]) if one != device.lid]
        await self._ensure_sessions(devices)
        outer, inner = contents.stanza_attributes(message)
        plain = message.SerializeToString()
        copy = contents.device_sent(peer, message).SerializeToString()
        recipients = [
            Node("to", {"jid": one}, [self._enc(one, copy if one.user == device.lid.user else plain, inner)])
            for one in devices
            if device.endpoint.has_session(one)
        ]
        phash = participant_hash([*devices, device.lid])
        attrs: Attrs = {"id": message_id, **outer, "to": peer, "peer_recipient_pn": phone, "phash": phash}
        return Node("message", attrs, [Node("participants", {}, recipients), *_meta(message, outer["type"])])

    async def _for_group(self, group: JID, message: Any, message_id: str) -> Node:
        device, endpoint = self._device, self._device.endpoint
        members = await self._groups.members(group)
        devices = [one for one in await device.directory.devices(members) if one != device.lid]
        fresh = self._groups.without_key(group, devices)
        await self._ensure_sessions(fresh)
        key = endpoint.group_key(group)
        handover = e2e_pb.Message(
            senderKeyDistributionMessage=e2e_pb.SenderKeyDistributionMessage(
                groupID=str(group), axolotlSenderKeyDistributionMessage=key.distribution()
            )
        ).SerializeToString()
        reached = [one for one in fresh if endpoint.has_session(one)]
        recipients = [Node("to", {"jid": one}, [self._enc(one, handover, {})]) for one in reached]
        self._groups.have_key(group, reached)
        outer, inner = contents.stanza_attributes(message)
        enc = Node("enc", {"v": "2", "type": "skmsg", **inner}, key.encrypt(pad(message.SerializeToString())))
        phash = participant_hash([*devices, device.lid])
        attrs: Attrs = {"id": message_id, **outer, "to": group, "addressing_mode": "lid", "phash": phash}
        participants = [Node("participants", {}, recipients)] if recipients else []
        return Node("message", attrs, [*participants, enc, *_meta(message, outer["type"])])

    async def _for_peer(self, companion: JID, message: Any, message_id: str) -> Node:
        await self._ensure_sessions([companion])
        if not self._device.endpoint.has_session(companion):
            msg = f"The companion {companion} has not published its keys yet. Wait until it is ready."
            raise SendFailed(msg, message_id=message_id)
        attrs: Attrs = {"id": message_id, "type": "text", "category": "peer", "to": companion, "push_priority": "high"}
        enc = self._enc(companion, message.SerializeToString(), {})
        return Node("message", attrs, [enc])

    async def _ensure_sessions(self, devices: list[JID]) -> None:
        endpoint = self._device.endpoint
        strangers = [one for one in devices if not endpoint.has_session(one)]
        if strangers:
            for one, bundle in (await self._device.directory.bundles(strangers)).items():
                endpoint.start(one, bundle)

    def _enc(self, device: JID, plaintext: bytes, attrs: dict[str, str]) -> Node:
        sealed: Ciphertext = self._device.endpoint.encrypt(device, pad(plaintext))
        return Node("enc", {"v": "2", "type": sealed.kind, **attrs}, sealed.data)


def _meta(message: Any, stanza_type: str) -> list[Node]:
    if stanza_type != "poll":
        return []
    return [Node("meta", {"polltype": "vote" if message.HasField("pollUpdateMessage") else "creation"})]


def new_id() -> str:
    """Return a message id as a phone makes them."""
    return secrets.token_hex(16).upper()


def pad(plaintext: bytes) -> bytes:
    """Hide the exact length: 1 to 15 bytes that each say how many they are."""
    count = secrets.randbelow(15) + 1
    return plaintext + bytes([count]) * count


def participant_hash(devices: Iterable[JID]) -> str:
    """Return the short hash by which both sides compare their lists of devices."""
    names = sorted(f"{one.user}.0:{one.device}@{one.server}" for one in devices)
    digest = hashlib.sha256("".join(names).encode()).digest()
    return "2:" + base64.b64encode(digest[:6]).decode()
