"""
Signal prekeys: devices publish them, others fetch one to start a session.

A one-time prekey is given away once. When few are left the device is told, as
clients count on; when none is left the bundle goes without one.
"""

from __future__ import annotations

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.server.devices import Devices
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, new_id, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Device, PreKey

#: Below five the clients publish new ones.
_LOW = 4


class Keys:
    """The key server."""

    def __init__(self, hub: Hub, devices: Devices) -> None:
        self._hub = hub
        self._devices = devices

    @iq("encrypt", "get", "count")
    def count(self, who: Endpoint, _request: Node) -> list[Node]:
        """Say how many one-time prekeys are left."""
        return [Node("count", {"value": len(who.owner[1].prekeys)})]

    @iq("encrypt", "get", "digest")
    def digest(self, _who: Endpoint, _request: Node) -> None:
        """Have no digest: clients then trust their own count."""
        raise StanzaError(404, "item-not-found")

    @iq("encrypt", "set")
    def publish(self, who: Endpoint, request: Node) -> None:
        """Take a device's keys; with its first ones it enters the account's device list."""
        account, device = who.owner
        known = device.reachable
        if identity := request.child("identity"):
            device.identity = identity.data[-32:]
        if registration := request.child("registration"):
            device.registration = registration.data
        if signed := request.find("skey") or request.find("rotate", "skey"):
            device.signed_prekey = _prekey(signed)
        device.prekeys += [_prekey(key) for key in request.child("list") or ()]
        self._hub.state.touch(account)
        if device.reachable and not known:
            self._devices.added(account, device, by=who)

    @iq("encrypt", "get", "key")
    def bundles(self, _who: Endpoint, request: Node) -> list[Node]:
        """Give away one bundle per asked device."""
        asked = request.child("key")
        return [Node("list", {}, [self._bundle(user) for user in asked or ()])]

    def _bundle(self, user: Node) -> Node:
        jid = user.jid("jid")
        found = self._hub.directory.device(jid) if jid else None
        if found is None or not found[1].reachable:
            return Node("user", dict(user.attrs), [Node("error", {"code": 404, "text": "item-not-found"})])
        account, device = found
        keys = [
            Node("registration", {}, device.registration),
            Node("type", {}, b"\x05"),
            Node("identity", {}, device.identity),
        ]
        if device.prekeys:
            keys.append(_node("key", device.prekeys.pop(0)))
            self._hub.state.touch(account)
            self._warn(account, device)
        if device.signed_prekey:
            keys.append(_node("skey", device.signed_prekey))
        return Node("user", {**user.attrs, "t": now()}, keys)

    def _warn(self, account: Account, device: Device) -> None:
        left = len(device.prekeys)
        if left in (_LOW, 0):
            attrs: Attrs = {"from": SERVER, "type": "encrypt", "id": new_id(), "t": now()}
            self._hub.post.send(account, device, Node("notification", attrs, [Node("count", {"value": left})]))


def _prekey(node: Node) -> PreKey:
    parts = {part.tag: part.data for part in node}
    return PreKey(id=parts.get("id", b""), value=parts.get("value", b""), signature=parts.get("signature", b""))


def _node(tag: str, key: PreKey) -> Node:
    parts = [Node("id", {}, key.id), Node("value", {}, key.value)]
    return Node(tag, {}, [*parts, Node("signature", {}, key.signature)] if key.signature else parts)
