"""
The server: nouns around a hub, and the phones' way in.

Everything here runs on one event loop and every stanza is handled in one go,
so no two stanzas ever see each other half done.
"""

from __future__ import annotations

from pathlib import Path

from wakit.emulator.faults import Fault, Faults
from wakit.emulator.link import Identity, Receiver, StanzaError, Vault
from wakit.emulator.mediahost import MediaHost
from wakit.emulator.nodes import Node
from wakit.emulator.noise import Session, wa6_pb
from wakit.emulator.server.appstate import AppState
from wakit.emulator.server.devices import Devices
from wakit.emulator.server.directory import Directory
from wakit.emulator.server.endpoint import Attached, Endpoint
from wakit.emulator.server.groups import Groups
from wakit.emulator.server.household import Household
from wakit.emulator.server.hub import Hub
from wakit.emulator.server.keys import Keys
from wakit.emulator.server.linking import Linking
from wakit.emulator.server.login import Login
from wakit.emulator.server.members import Members
from wakit.emulator.server.messages import Messages
from wakit.emulator.server.post import PostOffice
from wakit.emulator.server.presence import Presence
from wakit.emulator.server.privacy import Privacy
from wakit.emulator.server.profiles import Profiles
from wakit.emulator.server.receipts import Receipts
from wakit.emulator.server.router import Router
from wakit.emulator.server.state import FolderVault, State
from wakit.emulator.server.usync import Usync
from wakit.emulator.trace import Direction, Trace
from wakit.ids import JID


class Server:
    """One WhatsApp: accounts, devices and everything between them."""

    def __init__(self, folder: Path, *, faults: Faults, trace: Trace, vault: Vault | None = None) -> None:
        self.state = State(folder)
        self.media = MediaHost(folder / "media", faults, trace)
        self.vault = vault or FolderVault(folder / "vault")
        self.faults = faults
        self.trace = trace
        self.post = PostOffice(self.state)
        self.directory = Directory(self.state)
        self._hub = Hub(state=self.state, directory=self.directory, post=self.post, media=self.media, faults=faults, trace=trace)
        self._devices = Devices(self._hub)
        self._linking = Linking(self._hub)
        self._login = Login(self._hub)
        self._presence = Presence(self._hub)
        self._router = Router(*self._nouns())

    def _nouns(self) -> list[object]:
        hub, groups, profiles = self._hub, Groups(self._hub), Profiles(self._hub)
        return [
            self._linking,
            self._login,
            self._devices,
            self._presence,
            Keys(hub, self._devices),
            Usync(hub),
            Messages(hub),
            Receipts(hub),
            groups,
            Members(hub, groups),
            AppState(hub),
            profiles,
            Privacy(hub),
            Household(hub, profiles),
        ]

    def register_account(self, phone: str, *, lid: str | None = None, push_name: str = "") -> Identity:
        """Put a number on the network, or return it."""
        account = self.directory.register(phone, lid=lid, push_name=push_name)
        return Identity(phone=account.phone, lid=account.lid)

    def attach(self, jid: JID, receiver: Receiver) -> Attached:
        """Connect a phone in process."""
        account = self._hub.require(jid)
        link = Attached(self.trace, receiver, self.receive)
        link.account, link.device = account, account.devices[0]
        link.on_close = self.left
        former = self.post.enter(link)
        if former is not None:
            former.close()
        return link

    async def link_device(self, account: JID, *, ref: str, identity: bytes, platform: str = "android") -> JID:
        """Complete the linking that a companion waits for."""
        owner = self._hub.require(account)
        device = await self._linking.link(owner, ref=ref, identity=identity, platform=platform)
        return owner.address(owner.pn_jid.server, device.number)

    async def unlink_device(self, jid: JID) -> None:
        """Remove a companion."""
        found = self.directory.device(jid)
        if found is None or not jid.device:
            raise StanzaError(404, f"{jid} is not a linked device")
        self._devices.remove(*found)

    def devices(self, account: JID) -> list[JID]:
        """Return the linked companions of an account."""
        owner = self._hub.require(account)
        return [owner.address(owner.pn_jid.server, number) for number in sorted(owner.devices) if number]

    def identity(self, jid: JID) -> Identity | None:
        """Return who an address belongs to."""
        return self.directory.identity(jid)

    def entered(self, endpoint: Endpoint, session: Session) -> None:
        """Take a client whose handshake is done: to its login, or to be linked."""
        payload = wa6_pb.ClientPayload.FromString(session.payload)
        if payload.HasField("devicePairingData") and not payload.username:
            self._linking.begin(endpoint, session.client, payload.devicePairingData)
        else:
            self._login.enter(endpoint, username=payload.username, number=payload.device, noise=session.client)

    def left(self, endpoint: Endpoint) -> None:
        """Forget a closed connection."""
        self._linking.end(endpoint)
        if self.post.leave(endpoint):
            self._presence.left(endpoint)

    def receive(self, who: Endpoint, node: Node) -> None:
        """Handle one stanza of a device."""
        self.trace.add(Direction.FROM_CLIENT, who.who, node)
        if node.tag == "iq":
            self._iq(who, node)
        elif who.account is not None and (take := self._router.takes(node.tag)):
            take(who, node)  # what a companion says before it is linked (ack, ib) concerns nobody

    def _iq(self, who: Endpoint, node: Node) -> None:
        if node.get("type") not in ("get", "set"):
            self._linking.answered(who, node)
            return
        xmlns = node.get("xmlns")
        phone = who.account.phone if who.account else None
        if who.is_companion and self.faults.strike(Fault.IQ_UNANSWERED, phone, xmlns=xmlns):
            return
        if who.is_companion and xmlns == "w:p" and self.faults.strike(Fault.PONG_WITHHELD, phone):
            return
        armed = self.faults.strike(Fault.IQ_REFUSED, phone, xmlns=xmlns) if who.is_companion else None
        if armed:
            error = Node("error", {"code": armed.number("status", 429), "text": "rate-overlimit"})
            who.write(Node("iq", {"from": node.jid("to") or "", "type": "error", "id": node.get("id")}, [error]))
            return
        who.write(self._router.answer(who, node))
