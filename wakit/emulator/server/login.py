"""
How a linked device comes online, and how the network sends it away.

A login is a handshake whose payload names a number and a device, made with the
key that was seen when the device was linked. One connection per device: a
second login replaces the first, which is told so.
"""

from __future__ import annotations

import base64
import secrets

from wakit.emulator.faults import Fault
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Device
from wakit.ids import JID


class Login:
    """The door."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def enter(self, endpoint: Endpoint, *, username: int, number: int, noise: bytes) -> None:
        """Let a device in, or say why not."""
        if failure := self._refusal(str(username), number, noise):
            endpoint.write(failure)
            endpoint.close()
            return
        endpoint.account = self._hub.state.accounts[str(username)]
        endpoint.device = endpoint.account.devices[number]
        former = self._hub.post.enter(endpoint)
        if former is not None:
            former.write(stream_error(None, conflict="replaced"))
            former.close()
        endpoint.write(_success(endpoint.account, endpoint.device))

    def _refusal(self, phone: str, number: int, noise: bytes) -> Node | None:
        armed = self._hub.faults.strike(Fault.LOGIN_FAILURE, phone)
        if armed:
            extra = {name: value for name, value in armed.details.items() if name != "reason"}
            return Node("failure", {"reason": armed.number("reason", 500), "location": "lla", **extra})
        account = self._hub.state.accounts.get(phone)
        device = account.devices.get(number) if account else None
        if device is None or not secrets.compare_digest(device.noise, noise):
            return Node("failure", {"reason": 401, "location": "lla"})
        return None

    @iq("passive", "set", "active")
    def active(self, who: Endpoint, _request: Node) -> None:
        """Start to deliver, once the result of this iq is on the wire."""
        account, device = who.owner
        self._hub.later(self._hub.post.activate, who)
        if device.number and not device.welcomed:
            device.welcomed = True
            self._hub.state.touch(account)
            dirty = [Node("dirty", {"type": kind, "timestamp": now()}) for kind in ("account_sync", "groups")]
            who.write(Node("ib", {"from": SERVER}, [dirty[0]]))
            who.write(Node("ib", {"from": SERVER}, [dirty[1]]))

    @iq("passive", "set", "passive")
    def passive(self, who: Endpoint, _request: Node) -> None:
        """Stop to deliver."""
        who.active = False

    @iq("urn:xmpp:whatsapp:dirty", "set")
    def clean(self, who: Endpoint, request: Node) -> None:
        """Take note that a device has caught up; the dirty mark is sent once only."""


def stream_error(code: int | None, *, conflict: str = "") -> Node:
    """Return the stanza that ends a stream; clients act on the code or on the conflict."""
    content = [Node("conflict", {"type": conflict})] if conflict else None
    return Node("stream:error", {"code": code} if code else {}, content)


def _success(account: Account, device: Device) -> Node:
    lid = account.lid_jid
    return Node(
        "success",
        {
            "t": now(),
            "props": "27",
            "companion_enc_static": base64.b64encode(secrets.token_bytes(32)).decode(),
            "lid": JID(lid.user, lid.server, device.number),
            "location": "lla",
            "creation": account.created,
            "display_name": account.push_name,
        },
    )
