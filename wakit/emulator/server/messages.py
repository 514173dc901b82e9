"""
The relay of messages: one ciphertext per device, handed to that device.

The server sees addresses and ciphertexts only. It writes the sender's address
in the form that the message was addressed in (LID or phone number) and adds the
other one, so that every client can tell who it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from wakit.emulator.faults import Armed, Fault
from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.directory import participant_hash
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import stanza
from wakit.emulator.server.state import Account, Device, Group
from wakit.ids import JID, LID_SERVER, USER_SERVER

#: Attributes of the sender that the recipient sees too.
_KEPT = ("id", "type", "edit", "category", "decrypt-fail")
#: Children that are for the server or for one device only.
_OWN = frozenset({"participants", "enc", "device-identity", "tctoken", "cstoken"})
#: How many ids of a network are remembered, to relay a message once that was sent again after a lost ack.
_REMEMBERED = 50_000

Target = tuple[Account, Device]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One message for one device."""

    target: Target
    #: The address it was encrypted for: decides how the sender is written.
    to: JID
    enc: list[Node]


class Messages:
    """Direct, group and own-device messages."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._seen: OrderedDict[tuple[JID, str], None] = OrderedDict()

    @stanza("message")
    def relay(self, who: Endpoint, message: Node) -> None:
        """Take a message: acknowledge it, then hand it to its devices."""
        to = message.jid("to")
        ack: Attrs = {"class": "message", "id": message.get("id"), "from": to or "", "t": now()}
        if refused := self._strike(Fault.MESSAGE_REFUSED, who, message):
            who.write(Node("ack", {**ack, "error": refused.number("status", 429)}))
            return
        try:
            parcels, hash_ = self._sort(who, message, to)
        except StanzaError as exc:
            who.write(Node("ack", {**ack, "error": exc.number}))
            return
        if not self._strike(Fault.MESSAGE_UNACKED, who, message):
            who.write(Node("ack", {**ack, "phash": hash_}))
        if self._is_new(who, message):
            for parcel in parcels:
                self._hub.post.send(*parcel.target, self._addressed(who, message, parcel))

    def _strike(self, fault: Fault, who: Endpoint, message: Node) -> Armed | None:
        """Return the fault that hits this message; what a library says to its own phone unasked is never meant."""
        if not who.is_companion or message.get("category") == "peer":
            return None
        return self._hub.faults.strike(fault, who.owner[0].phone)

    def _sort(self, who: Endpoint, message: Node, to: JID | None) -> tuple[list[Parcel], str]:
        """Return the parcels of a message, and the hash of the devices it should have been for where it missed some."""
        if to is None:
            raise StanzaError(400)
        if to.is_group:
            return self._group_parcels(who, message, to)
        if to.server not in (LID_SERVER, USER_SERVER):
            return [], ""  # status broadcast and newsletters are acknowledged, nobody reads them here
        return self._direct_parcels(who, message, to)

    def _direct_parcels(self, who: Endpoint, message: Node, to: JID) -> tuple[list[Parcel], str]:
        account, device = who.owner
        peer = self._hub.require(to)
        if message.child("enc"):
            target = self._device(to)
            return [Parcel(target=target, to=to, enc=message.children("enc"))], ""
        parcels = [parcel for parcel in self._fan_out(message) if parcel.target[0] in (peer, account)]
        missed = _missed([account, peer], parcels, (account, device), to.server)
        if account.lid_jid in peer.blocked or account.pn_jid in peer.blocked:
            parcels = [parcel for parcel in parcels if parcel.target[0] is account]
        return parcels, missed

    def _group_parcels(self, who: Endpoint, message: Node, to: JID) -> tuple[list[Parcel], str]:
        account, device = who.owner
        group = self._hub.state.groups.get(to.user)
        if group is None:
            raise StanzaError(404)
        if account.phone not in group.members or (group.announcement and not group.members[account.phone]):
            raise StanzaError(403)
        one = message.jid("participant")
        if one is not None:
            return [Parcel(target=self._device(one), to=one, enc=message.children("enc"))], ""
        members = self._members(group)
        sealed = {(p.target[0].phone, p.target[1].number): p.enc for p in self._fan_out(message)}
        parcels = [
            Parcel(
                target=(member, theirs),
                to=member.address(LID_SERVER, theirs.number),
                enc=[*sealed.get((member.phone, theirs.number), ()), *message.children("enc")],
            )
            for member in members
            for theirs in member.reachable()
            if (member, theirs) != (account, device)
        ]
        hash_ = _hash(members, LID_SERVER)
        return parcels, "" if message.get("phash") in ("", hash_) else hash_

    def _members(self, group: Group) -> list[Account]:
        return [self._hub.state.accounts[phone] for phone in group.members]

    def _fan_out(self, message: Node) -> Iterable[Parcel]:
        for to in message.child("participants") or ():
            jid = to.jid("jid")
            target = self._hub.directory.device(jid) if jid else None
            if jid is not None and target is not None:
                yield Parcel(target=target, to=jid, enc=to.children("enc"))

    def _device(self, jid: JID) -> Target:
        target = self._hub.directory.device(jid)
        if target is None:
            raise StanzaError(404)
        return target

    def _is_new(self, who: Endpoint, message: Node) -> bool:
        if message.get("device_fanout") == "false" or message.get("participant"):
            return True  # an answer to a retry has the id of the message it repeats
        key = (who.jid, message.get("id"))
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return True

    def _addressed(self, who: Endpoint, message: Node, parcel: Parcel) -> Node:
        attrs: Attrs = {name: message.attrs[name] for name in _KEPT if name in message.attrs}
        attrs |= {"t": now(), **self._sender(who, message, parcel)}
        content = list(parcel.enc)
        identity = message.child("device-identity")
        if identity and any(enc.get("type") == "pkmsg" for enc in content):
            content.append(identity)
        content += [node for node in message if node.tag not in _OWN]
        return Node("message", attrs, content)

    def _sender(self, who: Endpoint, message: Node, parcel: Parcel) -> Attrs:
        account, device = who.owner
        to = message.jid("to")
        if to is not None and to.is_group:
            return {**who.as_member(to), "addressing_mode": "lid", "notify": account.push_name}
        sender = account.address(parcel.to.server, device.number)
        by_lid = sender.is_lid
        if parcel.target[0] is not account:
            other: Attrs = {"sender_pn": account.pn_jid} if by_lid else {"sender_lid": account.lid_jid}
            return {"from": sender, "notify": account.push_name, **other}
        return {"from": sender, **self._recipient(message)}

    def _recipient(self, message: Node) -> Attrs:
        """Tell an own device whom the message went to; a message between own devices went to nobody else."""
        to = message.jid("recipient") or message.jid("to")
        peer = self._hub.directory.find(to)
        if to is None or peer is None or message.get("category") == "peer":
            return {}
        other: Attrs = {"peer_recipient_pn": peer.pn_jid} if to.is_lid else {"peer_recipient_lid": peer.lid_jid}
        return {"recipient": to.bare, **other}


def _hash(accounts: Iterable[Account], server: str) -> str:
    return participant_hash({account.address(server, device.number) for account in accounts for device in account.reachable()})


def _missed(accounts: list[Account], parcels: list[Parcel], sender: Target, server: str) -> str:
    wanted = {(account.phone, device.number) for account in accounts for device in account.reachable()}
    reached = {(account.phone, device.number) for account, device in [*(parcel.target for parcel in parcels), sender]}
    return "" if wanted <= reached else _hash(accounts, server)
