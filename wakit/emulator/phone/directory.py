"""
Who is reachable where: addresses, devices and prekeys, as the network tells them.

Device lists are asked for once and kept until the network says that they
changed; asking for each message would cost a phone its speed.
"""

from __future__ import annotations

from collections.abc import Iterable

from wakit.emulator.link import Exchange, Identity, Link
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.signal import PreKeyBundle
from wakit.errors import NotOnWhatsApp
from wakit.ids import JID, LID_SERVER, USER_SERVER


class Directory:
    """One phone's view of everybody's addresses and devices."""

    def __init__(self, exchange: Exchange, link: Link) -> None:
        self._exchange = exchange
        self._link = link
        self._devices: dict[JID, list[JID]] = {}

    def lid(self, jid: JID) -> JID:
        """
        Return the LID of a person's device, whichever way it is addressed.

        Raises:
            NotOnWhatsApp: Nobody has this address.
        """
        if jid.is_lid:
            return jid
        return JID(self._identity(jid).lid, LID_SERVER, jid.device)

    def phone(self, jid: JID) -> JID:
        """
        Return the phone-number address of a person's device; groups stay as they are.

        Raises:
            NotOnWhatsApp: Nobody has this address.
        """
        if not jid.is_lid:
            return jid
        return JID(self._identity(jid).phone, USER_SERVER, jid.device)

    def _identity(self, jid: JID) -> Identity:
        identity = self._exchange.identity(jid.bare)
        if identity is None:
            msg = f"{jid.bare} is not on the emulated network. Create the phone first: net.phone(number)."
            raise NotOnWhatsApp(msg, jid=str(jid.bare))
        return identity

    async def devices(self, people: Iterable[JID]) -> list[JID]:
        """Return every device (LIDs, phones included) of these people (LIDs)."""
        wanted = list(dict.fromkeys(people))
        unknown = [person for person in wanted if person not in self._devices]
        if unknown:
            await self._ask_devices(unknown)
        return [device for person in wanted for device in self._devices.get(person, [])]

    def forget(self, person: JID) -> None:
        """Ask the network again for this person's devices when they are needed next."""
        self._devices.pop(person.bare, None)

    def forget_all(self) -> None:
        """Ask the network again for everybody's devices."""
        self._devices.clear()

    async def _ask_devices(self, people: list[JID]) -> None:
        users = [Node("user", {"jid": person}) for person in people]
        query = Node("query", {}, [Node("devices", {"version": "2"})])
        attrs = {"sid": "1", "mode": "query", "last": "true", "index": "0", "context": "message"}
        usync = Node("usync", dict(attrs), [query, Node("list", {}, users)])
        answer = await self._link.request(Node("iq", {"xmlns": "usync", "type": "get", "to": SERVER}, [usync]))
        found = answer.find("usync", "list")
        for user in found.children("user") if found else []:
            person, listed = user.jid("jid"), user.find("devices", "device-list")
            if person is not None and listed is not None:
                numbers = [device.number("id") for device in listed.children("device")]
                self._devices[person] = [JID(person.user, person.server, number) for number in numbers]

    async def bundles(self, devices: list[JID]) -> dict[JID, PreKeyBundle]:
        """Return the prekeys of those devices that have published some."""
        users = [Node("user", {"jid": device, "reason": "identity"}) for device in devices]
        iq = Node("iq", {"xmlns": "encrypt", "type": "get", "to": SERVER}, [Node("key", {}, users)])
        found = (await self._link.request(iq)).child("list")
        bundles: dict[JID, PreKeyBundle] = {}
        for user in found.children("user") if found else []:
            device, bundle = user.jid("jid"), read_bundle(user)
            if device is not None and bundle is not None:
                bundles[device] = bundle
        return bundles


def read_bundle(node: Node) -> PreKeyBundle | None:
    """Read a device's prekeys from an answer or a retry receipt; nothing where they are not whole."""
    keys = node.child("keys") or node
    registration, identity, signed = node.child("registration"), keys.child("identity"), keys.child("skey")
    if registration is None or identity is None or signed is None:
        return None
    one_time = keys.child("key")
    return PreKeyBundle(
        registration_id=int.from_bytes(registration.data, "big"),
        identity=identity.data,
        signed_prekey_id=_key_id(signed),
        signed_prekey=_part(signed, "value"),
        signature=_part(signed, "signature"),
        prekey_id=None if one_time is None else _key_id(one_time),
        prekey=None if one_time is None else _part(one_time, "value"),
    )


def key_node(tag: str, number: int, public: bytes, signature: bytes | None = None) -> Node:
    """Write one prekey, signed or not."""
    parts = [Node("id", {}, number.to_bytes(3, "big")), Node("value", {}, public)]
    if signature is not None:
        parts.append(Node("signature", {}, signature))
    return Node(tag, {}, list(parts))


def _key_id(node: Node) -> int:
    return int.from_bytes(_part(node, "id"), "big")


def _part(node: Node, tag: str) -> bytes:
    part = node.child(tag)
    return b"" if part is None else part.data
