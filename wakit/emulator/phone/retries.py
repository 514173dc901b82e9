"""
Retry receipts, both ways: asking for a message again, and sending it again.

As in the official clients the first request carries only a count; from the
second on it carries fresh prekeys, with which the sender starts a new session.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.phone import contents
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.directory import key_node, read_bundle
from wakit.emulator.phone.groups import Groups
from wakit.emulator.phone.outgoing import Outgoing
from wakit.ids import JID
from wakit.proto import e2e_pb

#: As in whatsmeow: after that a message is given up.
_MAX_ASKED = 5
_MAX_ANSWERED = 10


class Retries:
    """The repairs of this phone's sessions."""

    def __init__(self, device: Device, groups: Groups, outgoing: Outgoing) -> None:
        self._device = device
        self._groups = groups
        self._outgoing = outgoing
        self._asked: Counter[str] = Counter()
        self._answered: Counter[tuple[JID, str]] = Counter()

    async def ask(self, node: Node, sender: JID) -> None:
        """Ask the sender of an unreadable message to encrypt it again."""
        message_id = node.get("id")
        self._asked[message_id] += 1
        count = self._asked[message_id]
        if count >= _MAX_ASKED:
            return
        kept: Attrs = {name: node.attrs[name] for name in ("participant", "recipient") if name in node.attrs}
        attrs: Attrs = {"id": message_id, "to": node.attrs["from"], "type": "retry", **kept}
        if node.get("category") == "peer":
            attrs["category"] = "peer"
        endpoint = self._device.endpoint
        parts = [
            Node("retry", {"count": count, "id": message_id, "t": node.get("t"), "v": 1}),
            Node("registration", {}, endpoint.registration_id.to_bytes(4, "big")),
        ]
        if count > 1:
            parts.append(self._keys())
        if count == 1 and not endpoint.has_session(sender):
            # The sender may still believe in a session that this phone no longer has.
            parts.append(self._keys())
        await self._device.link.send(Node("receipt", attrs, list(parts)))

    def _keys(self) -> Node:
        endpoint, prekeys = self._device.endpoint, self._device.endpoint.prekeys
        number, pair = next(iter(prekeys.more(1).items()))
        parts = [
            Node("type", {}, b"\x05"),
            Node("identity", {}, endpoint.identity.public),
            key_node("key", number, pair.public),
            key_node("skey", prekeys.signed_id, prekeys.signed.public, prekeys.signature),
        ]
        return Node("keys", {}, list(parts))

    async def answer(self, receipt: Node) -> None:
        """Encrypt a message again for the device that could not read it."""
        retry, origin = receipt.child("retry"), receipt.jid("from")
        sent = self._device.sent.get(receipt.get("id"))
        if retry is None or origin is None or sent is None:
            return
        device = self._device.directory.lid(receipt.jid("participant") or origin)
        self._answered[device, receipt.get("id")] += 1
        if self._answered[device, receipt.get("id")] >= _MAX_ANSWERED:
            return
        await self._renew_session(receipt, device, retry.number("count", 1))
        chat, message = sent[0], e2e_pb.Message.FromString(sent[1])
        outer, inner = contents.stanza_attributes(message)
        attrs: Attrs = {"id": receipt.get("id"), **outer, "to": origin}
        for name in ("participant", "recipient", "category"):
            if name in receipt.attrs:
                attrs[name] = receipt.attrs[name]
        if not chat.is_group:
            attrs["device_fanout"] = "false"
        plaintext = self._addressed(chat, device, message).SerializeToString()
        await self._outgoing.resend(Node("message", attrs), device, plaintext, {**inner, "count": str(retry.number("count", 1))})
        self._device.changed()

    async def _renew_session(self, receipt: Node, device: JID, count: int) -> None:
        endpoint, bundle = self._device.endpoint, read_bundle(receipt) if receipt.child("keys") else None
        if bundle is None and (count > 1 or not endpoint.has_session(device)):
            bundle = (await self._device.directory.bundles([device])).get(device)
        if bundle is not None:
            endpoint.start(device, bundle)

    def _addressed(self, chat: JID, device: JID, message: Any) -> Any:
        if chat.is_group:
            key = self._device.endpoint.group_key(chat)
            self._groups.have_key(chat, self._groups.without_key(chat, [device]))
            message.senderKeyDistributionMessage.groupID = str(chat)
            message.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage = key.distribution()
            return message
        is_copy = self._device.is_own(device) and not self._device.is_own(chat)
        return contents.device_sent(self._device.directory.lid(chat).bare, message) if is_copy else message
