"""Groups: who is in them, who is admin, and who already has this phone's sender key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wakit.emulator.nodes import Node
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.records import Group
from wakit.ids import GROUP_SERVER, JID


class Groups:
    """This phone's groups."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._members: dict[JID, list[JID]] = {}
        #: By group: the devices that were handed this phone's sender key; kept across a restart.
        self._handed: dict[str, list[str]] = device.memory.setdefault("group_keys", {})

    async def create(self, subject: str, members: Sequence[JID]) -> Group:
        """Create a group with these people and this phone as its admin."""
        invited = [Node("participant", {"jid": self._device.directory.lid(member).bare}) for member in members]
        answer = await self._ask("set", JID("", GROUP_SERVER), Node("create", {"subject": subject}, list(invited)))
        node = answer.child("group")
        jid = _group_jid(node) if node else None
        assert jid is not None, "the network answers a creation with the group"
        return await self.info(jid)

    async def info(self, group: JID) -> Group:
        """Return the group as the network knows it now."""
        answer = await self._ask("get", group, Node("query", {"request": "interactive"}))
        node = answer.child("group")
        assert node is not None, "the network answers a query with the group"
        return self._read(group, node)

    async def members(self, group: JID) -> list[JID]:
        """Return the LIDs of everybody in the group, from memory where nothing changed."""
        if group not in self._members:
            await self.info(group)
        return self._members[group]

    async def change(self, group: JID, action: str, members: Sequence[JID]) -> None:
        """Change members: *action* is ``add``, ``remove``, ``promote`` or ``demote``."""
        people = [Node("participant", {"jid": self._device.directory.lid(member).bare}) for member in members]
        await self._ask("set", group, Node(action, {}, list(people)))
        self.changed(group)

    async def rename(self, group: JID, subject: str) -> None:
        """Give the group another subject."""
        await self._ask("set", group, Node("subject", {}, subject.encode()))

    async def leave(self, group: JID) -> None:
        """Leave the group."""
        await self._ask("set", JID("", GROUP_SERVER), Node("leave", {}, [Node("group", {"id": group})]))
        self.changed(group)

    def forget(self, group: JID) -> None:
        """Ask the network for the members when they are needed next."""
        self._members.pop(group, None)

    def changed(self, group: JID) -> None:
        """Start over with a new sender key: who left must not read on."""
        self.forget(group)
        self._handed.pop(str(group), None)
        self._device.endpoint.renew_group_key(group)

    def device_gone(self, device: JID) -> None:
        """Renew the key of every group in which a removed device has it."""
        for group, holders in list(self._handed.items()):
            if str(device) in holders:
                self.changed(JID.parse(group))

    def without_key(self, group: JID, devices: Iterable[JID]) -> list[JID]:
        """Return those devices that were not handed the sender key yet."""
        holders = set(self._handed.get(str(group), ()))
        return [device for device in devices if str(device) not in holders]

    def have_key(self, group: JID, devices: Iterable[JID]) -> None:
        """Remember that these devices have the sender key."""
        self._handed.setdefault(str(group), []).extend(map(str, devices))

    async def _ask(self, kind: str, to: JID, noun: Node) -> Node:
        return await self._device.link.request(Node("iq", {"xmlns": "w:g2", "type": kind, "to": to}, [noun]))

    def _read(self, group: JID, node: Node) -> Group:
        directory = self._device.directory
        listed = [(jid, one.get("type")) for one in node.children("participant") if (jid := one.jid("jid")) is not None]
        self._members[group] = [directory.lid(jid).bare for jid, _ in listed]
        owner, words = node.jid("creator"), node.find("description", "body")
        return Group(
            jid=group,
            subject=node.get("subject"),
            members=tuple(directory.phone(jid).bare for jid, _ in listed),
            admins=tuple(directory.phone(jid).bare for jid, role in listed if role in ("admin", "superadmin")),
            owner=owner and directory.phone(owner).bare,
            description=words.data.decode() if words else "",
        )


def _group_jid(node: Node) -> JID | None:
    name = node.get("id")
    if not name:
        return None
    return JID.parse(name) if "@" in name else JID(name, GROUP_SERVER)
