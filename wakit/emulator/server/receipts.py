"""
Receipts and acknowledgements.

A receipt does two things: it settles the message in the sender's own mailbox
(the network forgets what was confirmed), and it tells the other side. Delivered
goes to every device of the message's sender, read and played also to the
reader's other devices, a retry to the one device that has to encrypt again.
"""

from __future__ import annotations

from collections.abc import Iterable

from wakit.emulator.faults import Fault
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import stanza
from wakit.emulator.server.state import Account
from wakit.ids import JID

#: For the one device that sent the message.
_TO_SENDER = frozenset({"retry", "sender", "peer_msg", "hist_sync", "server-error"})
#: For the reader's other devices.
_TO_READER = frozenset({"read", "played", "read-self", "played-self"})
#: Of those, what the other side never hears of: read receipts are off.
_SELF = frozenset({"read-self", "played-self"})


class Receipts:
    """What clients confirm."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @stanza("ack")
    def acknowledged(self, who: Endpoint, ack: Node) -> None:
        """Forget what a client has taken; one that is not linked yet (it is told of a passkey or a code) has no queue."""
        if who.account is not None:
            self._settle(who, ack.get("class"), [ack.get("id")])

    @stanza("receipt")
    def relay(self, who: Endpoint, receipt: Node) -> None:
        """Take a receipt: acknowledge and settle it, and tell whom it concerns."""
        taken: Attrs = {"class": "receipt", "id": receipt.get("id"), "from": receipt.jid("to") or ""}
        taken |= {name: receipt.attrs[name] for name in ("type", "participant") if name in receipt.attrs}
        who.write(Node("ack", taken))
        self._settle(who, "message", _ids(receipt))
        to = receipt.jid("to")
        if to is not None:
            self._tell(who, receipt, to)

    def _settle(self, who: Endpoint, tag: str, ids: Iterable[str]) -> None:
        account, device = who.owner
        if who.is_companion and self._hub.faults.strike(Fault.RECEIPTS_IGNORED, account.phone):
            return
        for stanza_id in ids:
            self._hub.post.settle(account, device, tag, stanza_id)

    def _tell(self, who: Endpoint, receipt: Node, to: JID) -> None:
        account, _ = who.owner
        author = receipt.jid("participant") if to.is_group else to
        peer = self._hub.directory.find(author)
        kind = receipt.get("type")
        if peer is None or author is None:
            return
        node = Node("receipt", self._addressed(who, receipt, to), list(receipt) or None)
        if kind in _TO_SENDER:
            self._to_device(peer, author.device, node, sparing=who)
            return
        if kind not in _SELF:
            self._to_all(peer, node, sparing=who)
        if kind in _TO_READER and peer is not account:
            own = node if to.is_group else Node("receipt", {**node.attrs, "recipient": to.bare}, node.content)
            self._to_all(account, own, sparing=who)

    def _addressed(self, who: Endpoint, receipt: Node, to: JID) -> Attrs:
        account, device = who.owner
        attrs: Attrs = {"id": receipt.get("id"), "t": receipt.number("t") or now()}
        attrs |= {name: receipt.attrs[name] for name in ("type", "recipient", "category") if name in receipt.attrs}
        if to.is_group:
            sender: Attrs = who.as_member(to)
        else:
            sender = {"from": account.address(to.server, device.number)}
        return {**attrs, **sender}

    def _to_device(self, account: Account, number: int, node: Node, *, sparing: Endpoint) -> None:
        device = account.devices.get(number)
        if device is not None and device is not sparing.device:
            self._hub.post.send(account, device, node)

    def _to_all(self, account: Account, node: Node, *, sparing: Endpoint) -> None:
        for device in account.reachable():
            if device is not sparing.device:
                self._hub.post.send(account, device, node)


def _ids(receipt: Node) -> list[str]:
    items = receipt.child("list") or ()
    return [receipt.get("id"), *(item.get("id") for item in items if item.tag == "item")]
