"""
Receiving: every stanza that the network delivers to this phone.

A message is decrypted and answered with a delivery receipt, or, where it cannot
be read, with a retry receipt. Whatever needs the network's answer is done
beside, never inside: stanzas are delivered one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import DecodeError

from wakit.emulator.adv import is_vouched
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.phone import contents
from wakit.emulator.phone.device import LOG, Device
from wakit.emulator.phone.groups import Groups
from wakit.emulator.phone.outgoing import Outgoing
from wakit.emulator.phone.records import Activity, Receipt, Received
from wakit.emulator.phone.retries import Retries
from wakit.emulator.signal import Ciphertext, DecryptFailed, Reason
from wakit.errors import NotOnWhatsApp, WakitError
from wakit.ids import JID
from wakit.proto import e2e_pb

#: Called beside the receiver for a message of the protocol itself from an own companion.
PeerHandler = Callable[[JID, Any], Coroutine[Any, Any, None]]
NotificationHandler = Callable[[Node], Coroutine[Any, Any, None]]


class Incoming:
    """The receiver of this phone's link."""

    def __init__(self, device: Device, groups: Groups, outgoing: Outgoing, retries: Retries) -> None:
        self._device = device
        self._groups = groups
        self._outgoing = outgoing
        self._retries = retries
        self.on_peer: PeerHandler | None = None
        self.on_message: Callable[[Received], Coroutine[Any, Any, None]] | None = None
        #: By notification type; run beside the receiver.
        self.on_notification: dict[str, NotificationHandler] = {}

    async def receive(self, node: Node) -> None:
        """Take one stanza from the network; one that makes no sense to this phone is logged and left."""
        try:
            await self._take(node)
        except WakitError as exc:
            LOG.warning("%s could not take <%s id=%s>: %s", self._device.pn, node.tag, node.get("id"), exc)

    async def _take(self, node: Node) -> None:
        match node.tag:
            case "message":
                await self._message(node)
            case "ack":
                if node.get("class") == "message":
                    self._outgoing.acked(node)
            case "receipt":
                await self._receipt(node)
            case "notification":
                await self._notification(node)
            case "presence" | "chatstate":
                self._activity(node)
            case _:
                pass

    # Messages

    async def _message(self, node: Node) -> None:
        origin = node.jid("from")
        if origin is None:
            return
        sender = self._device.directory.lid(node.jid("participant") or origin)
        readable: list[Any] = []
        for enc in node.children("enc"):
            try:
                message = self._decrypt(origin, sender, enc)
                self._check_companion(node, enc, sender)
            except DecryptFailed as exc:
                if exc.reason is not Reason.DUPLICATE:
                    await self._retries.ask(node, sender)
                    return
                continue
            self._learn(origin, sender, message)
            readable.append(message)
        self._device.changed()
        await self._acknowledge(node, sender)
        for message in readable:
            self._file(node, origin, sender, message)

    def _decrypt(self, origin: JID, sender: JID, enc: Node) -> Any:
        endpoint = self._device.endpoint
        if enc.get("type") == "skmsg":
            padded = endpoint.decrypt_group(origin, sender, enc.data)
        else:
            padded = endpoint.decrypt(sender, Ciphertext(enc.get("type"), enc.data))
        try:
            return e2e_pb.Message.FromString(padded[: -padded[-1]])
        except (DecodeError, IndexError) as exc:
            raise DecryptFailed(Reason.CORRUPT, str(sender)) from exc

    def _check_companion(self, node: Node, enc: Node, sender: JID) -> None:
        if enc.get("type") != "pkmsg" or sender.device == 0:
            return
        identity = node.child("device-identity")
        if identity is None or not is_vouched(identity.data, self._device.endpoint.identity_of(sender)):
            self._device.endpoint.forget([sender])
            raise DecryptFailed(Reason.NOT_VOUCHED, str(sender))

    def _learn(self, origin: JID, sender: JID, message: Any) -> None:
        if message.HasField("senderKeyDistributionMessage"):
            handover = message.senderKeyDistributionMessage
            group = JID.parse(handover.groupID) if handover.groupID else origin
            self._device.endpoint.learn_group_key(group, sender, handover.axolotlSenderKeyDistributionMessage)

    async def _acknowledge(self, node: Node, sender: JID) -> None:
        attrs = _answer_attrs(node)
        if self._device.is_own(sender):
            attrs["type"] = "peer_msg" if node.get("category") == "peer" else "sender"
        await self._device.link.send(Node("receipt", attrs))

    def _file(self, node: Node, origin: JID, sender: JID, message: Any) -> None:
        if node.get("category") == "peer":
            if self.on_peer is not None and message.HasField("protocolMessage"):
                self._device.spawn(self.on_peer(sender, message))
            return
        received = self._received(node, origin, sender, message)
        if received is None:
            return
        self._device.file(received)
        if self.on_message is not None:
            self._device.spawn(self.on_message(received))

    def _received(self, node: Node, origin: JID, sender: JID, message: Any) -> Received | None:
        directory, own, chat = self._device.directory, self._device.is_own(sender), origin
        if message.HasField("deviceSentMessage"):
            if not own:
                return None
            chat, message = JID.parse(message.deviceSentMessage.destinationJID), message.deviceSentMessage.message
        if not contents.content_field(message):
            # Only a sender key: the message itself comes in the next enc.
            return None
        return Received(
            id=node.get("id"),
            chat=directory.phone(chat).bare,
            sender=directory.phone(sender),
            sent_at=datetime.fromtimestamp(node.number("t"), UTC),
            type=contents.type_of(message),
            text=contents.text_of(message),
            from_me=own,
            target_id=contents.target_of(message),
            message=message,
        )

    # Receipts, notifications, presence

    async def _receipt(self, node: Node) -> None:
        await self._ack(node)
        origin = node.jid("from")
        if origin is None:
            return
        if node.get("type") == "retry":
            self._device.spawn(self._retries.answer(node))
        directory = self._device.directory
        listed = [item.get("id") for items in node.children("list") for item in items.children("item")]
        chat = node.jid("recipient") or origin
        try:
            self._device.receipts.append(
                Receipt(
                    ids=(node.get("id"), *listed),
                    type=node.get("type", "delivered"),
                    chat=directory.phone(chat).bare,
                    sender=directory.phone(node.jid("participant") or origin),
                    at=datetime.fromtimestamp(node.number("t"), UTC),
                )
            )
        except NotOnWhatsApp:
            # The sender left the network between its receipt and now.
            return

    async def _notification(self, node: Node) -> None:
        await self._ack(node)
        origin = node.jid("from")
        match node.get("type"):
            case "devices" if origin is not None:
                self._device.directory.forget(self._device.directory.lid(origin))
                for gone in node.children("remove"):
                    for device in gone.children("device"):
                        self._device_removed(device.jid("lid") or device.jid("jid"))
            case "w:gp2" if origin is not None:
                self._group_changed(origin, node)
            case _:
                pass
        handler = self.on_notification.get(node.get("type"))
        if handler is not None:
            self._device.spawn(handler(node))

    def _device_removed(self, device: JID | None) -> None:
        if device is not None:
            lid = self._device.directory.lid(device)
            self._device.endpoint.forget([lid])
            self._groups.device_gone(lid)

    def _group_changed(self, group: JID, node: Node) -> None:
        if node.child("remove") or node.child("leave"):
            self._groups.changed(group)
        else:
            self._groups.forget(group)

    def _activity(self, node: Node) -> None:
        origin = node.jid("from")
        if origin is None:
            return
        who, state = node.jid("participant") or origin, node.get("type", "available")
        if node.tag == "chatstate" and node.first is not None:
            state = "recording" if node.first.get("media") == "audio" else node.first.tag
        directory = self._device.directory
        self._device.activities.append(Activity(who=directory.phone(who).bare, chat=directory.phone(origin).bare, state=state))

    async def _ack(self, node: Node) -> None:
        attrs: Attrs = {**_answer_attrs(node), "class": node.tag}
        if node.get("type"):
            attrs["type"] = node.get("type")
        await self._device.link.send(Node("ack", attrs))


def _answer_attrs(node: Node) -> Attrs:
    kept: Attrs = {name: node.attrs[name] for name in ("participant", "recipient") if name in node.attrs}
    return {"id": node.get("id"), "to": node.attrs["from"], **kept}
