"""
Contact discovery: what clients ask about other numbers before they write.

One query names the protocols it wants (contact, devices, lid, …) and a list of
users by address or by phone number. Who is not on WhatsApp is listed too,
without anything that only accounts have: clients conclude from that.
"""

from __future__ import annotations

from collections.abc import Callable

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.directory import device_hash
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account
from wakit.ids import JID, LID_SERVER, USER_SERVER


class Usync:
    """The directory as clients see it."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._protocols: dict[str, Callable[[Account, Account, str], Node | None]] = {
            "devices": self._devices,
            "lid": _lid,
            "status": _status,
            "picture": _picture,
            "disappearing_mode": _disappearing_mode,
        }

    @iq("usync", "get", "usync")
    def query(self, who: Endpoint, request: Node) -> list[Node]:
        """Answer one contact query."""
        asked = request.first
        wanted, users = (asked.child("query"), asked.child("list")) if asked else (None, None)
        if asked is None or wanted is None:
            raise StanzaError(400, "bad-request")
        result = Node("result", {}, [Node(protocol.tag) for protocol in wanted])
        answers = [self._user(who, wanted, user) for user in users or ()]
        return [Node("usync", dict(asked.attrs), [result, Node("list", {}, answers)])]

    def _user(self, who: Endpoint, wanted: Node, user: Node) -> Node:
        contact = user.child("contact")
        if contact is not None and wanted.child("contact") is not None:
            return self._contact(wanted, contact)
        jid = user.jid("jid") or (contact and _jid_of(contact.data)) or None
        account = self._hub.directory.find(jid)
        if jid is None or account is None:
            return Node("user", dict(user.attrs))
        answers = (self._protocols[name.tag](who.owner[0], account, jid.server) for name in wanted if name.tag in self._protocols)
        return Node("user", dict(user.attrs), [answer for answer in answers if answer])

    def _contact(self, wanted: Node, contact: Node) -> Node:
        jid = _jid_of(contact.data)
        account = self._hub.directory.find(jid)
        mode = wanted.child("contact")
        by_lid = mode is not None and mode.get("addressing_mode") == "lid"
        state = Node("contact", {"type": "in" if account else "out"}, contact.data)
        if account is None:
            return Node("user", {"jid": jid}, [state])
        attrs: Attrs = {"jid": account.lid_jid, "pn_jid": account.pn_jid} if by_lid else {"jid": account.pn_jid}
        lid = [Node("lid", {"val": account.lid_jid})] if wanted.child("lid") else []
        return Node("user", attrs, [state, *lid])

    def _devices(self, asker: Account, account: Account, server: str) -> Node:
        if asker.phone not in account.watchers:
            account.watchers.add(asker.phone)
            self._hub.state.touch(account)
        devices = [
            Node("device", {"id": device.number, **({"key-index": device.key_index} if device.number else {})})
            for device in account.reachable()
        ]
        return Node("devices", {}, [Node("device-list", {"hash": device_hash(account, server)}, devices)])


def _jid_of(text: bytes) -> JID:
    digits = "".join(char for char in text.decode("utf-8", "replace").split("@")[0] if char.isdigit())
    return JID(digits, USER_SERVER)


def _lid(asker: Account, account: Account, server: str) -> Node | None:  # noqa: ARG001
    return Node("lid", {"val": account.lid_jid}) if server != LID_SERVER else None


def _status(asker: Account, account: Account, server: str) -> Node:  # noqa: ARG001
    return Node("status", {"t": account.created}, account.about.encode() or None)


def _picture(asker: Account, account: Account, server: str) -> Node | None:  # noqa: ARG001
    return Node("picture", {"id": account.picture.id}) if account.picture else None


def _disappearing_mode(asker: Account, account: Account, server: str) -> Node:  # noqa: ARG001
    return Node("disappearing_mode", {"duration": 0, "t": account.created})
