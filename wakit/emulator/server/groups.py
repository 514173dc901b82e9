"""
Group chats: making, showing, changing and joining them.

Groups are LID-addressed, as new groups on WhatsApp are. Every change is echoed
to every device of every member, also to the one that made it. Only admins
change members and, in a locked group, anything else.
"""

from __future__ import annotations

import secrets

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.group_nodes import author_attrs, group_node, noun_of
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Group

_SUBJECT_MAX = 100


class Groups:
    """The life of groups; who is in them is the noun of ``Members``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @iq("w:g2", "set", "create")
    def create(self, who: Endpoint, request: Node) -> list[Node]:
        """Make a group of the creator and those it names."""
        account, _ = who.owner
        wish = noun_of(request)
        stamp = now()
        group = Group(
            id=f"1203{secrets.randbelow(10**14):014d}",
            creator=account.phone,
            created=stamp,
            subject=_subject(wish.get("subject")),
            subject_by=account.phone,
            subject_at=stamp,
            members={account.phone: "superadmin"},
            announcement=wish.child("announcement") is not None,
            locked=wish.child("locked") is not None,
        )
        if mode := wish.child("member_add_mode"):
            group.member_add_mode = mode.data.decode()
        if ephemeral := wish.child("ephemeral"):
            group.ephemeral = ephemeral.number("expiration")
        found = [self._hub.directory.find(node.jid("jid")) for node in wish.children("participant")]
        group.members.update({member.phone: "" for member in found if member and member is not account})
        self._hub.state.groups[group.id] = group
        self._hub.state.touch(group)
        info = group_node(group, self._hub.state.accounts)
        created = Node("create", {"type": "new", "reason": "invite", "key": wish.get("key")}, [info])
        self.tell(who, group, created)
        return [info]

    @iq("w:g2", "get", "query")
    def query(self, who: Endpoint, request: Node) -> list[Node]:
        """Show a group to a member."""
        return [group_node(self.mine(who, request), self._hub.state.accounts)]

    @iq("w:g2", "get", "participating")
    def participating(self, who: Endpoint, _request: Node) -> list[Node]:
        """Show every group that the account is in."""
        account, _ = who.owner
        mine = [group for group in self._hub.state.groups.values() if account.phone in group.members]
        return [Node("groups", {}, [group_node(group, self._hub.state.accounts) for group in mine])]

    @iq("w:g2", "get", "sub_groups")
    def sub_groups(self, who: Endpoint, request: Node) -> list[Node]:
        """Show that a group is no community."""
        self.mine(who, request)
        return [Node("sub_groups")]

    @iq("w:g2", "get", "linked_groups_participants")
    def linked(self, who: Endpoint, request: Node) -> list[Node]:
        """Show that a group is no community."""
        self.mine(who, request)
        return [Node("linked_groups_participants")]

    @iq("w:g2", "set", "subject")
    def subject(self, who: Endpoint, request: Node) -> None:
        """Rename a group."""
        group = self.editable(who, request)
        account, _ = who.owner
        group.subject = _subject(noun_of(request).data.decode("utf-8", "replace"))
        group.subject_by, group.subject_at = account.phone, now()
        stamp: Attrs = {"s_t": group.subject_at, "s_o": account.lid_jid, "s_o_pn": account.pn_jid}
        self.changed(who, group, Node("subject", {"subject": group.subject, **stamp}))

    @iq("w:g2", "set", "description")
    def description(self, who: Endpoint, request: Node) -> None:
        """Describe a group, or remove its description."""
        group = self.editable(who, request)
        wish = noun_of(request)
        body = wish.child("body")
        group.description = body.data.decode("utf-8", "replace") if body else ""
        group.description_id = wish.get("id") or secrets.token_hex(8).upper()
        group.description_by, group.description_at = who.owner[0].phone, now()
        content = [Node("body", {}, group.description.encode())] if group.description else [Node("delete")]
        self.changed(who, group, Node("description", {"id": group.description_id}, content))

    @iq("w:g2", "set", "announcement")
    @iq("w:g2", "set", "not_announcement")
    def announce(self, who: Endpoint, request: Node) -> None:
        """Let only admins write, or everybody."""
        group = self.administered(who, request)
        group.announcement = noun_of(request).tag == "announcement"
        self.changed(who, group, Node(noun_of(request).tag, {"v_id": now()}))

    @iq("w:g2", "set", "locked")
    @iq("w:g2", "set", "unlocked")
    def lock(self, who: Endpoint, request: Node) -> None:
        """Let only admins change the group, or everybody."""
        group = self.administered(who, request)
        group.locked = noun_of(request).tag == "locked"
        self.changed(who, group, Node(noun_of(request).tag))

    @iq("w:g2", "set", "ephemeral")
    @iq("w:g2", "set", "not_ephemeral")
    def ephemeral(self, who: Endpoint, request: Node) -> None:
        """Let messages disappear, or stay."""
        group = self.editable(who, request)
        group.ephemeral = noun_of(request).number("expiration")
        told = Node("ephemeral", {"expiration": group.ephemeral}) if group.ephemeral else Node("not_ephemeral")
        self.changed(who, group, told)

    @iq("w:g2", "set", "member_add_mode")
    def member_add_mode(self, who: Endpoint, request: Node) -> None:
        """Say who may add members."""
        group = self.administered(who, request)
        group.member_add_mode = noun_of(request).data.decode()
        self.changed(who, group, Node("member_add_mode", {}, group.member_add_mode.encode()))

    @iq("w:g2", "set", "membership_approval_mode")
    def approval_mode(self, who: Endpoint, request: Node) -> None:
        """Say whether joining by link needs an admin's approval."""
        group = self.administered(who, request)
        state = noun_of(request).child("group_join")
        group.join_approval = state is not None and state.get("state") == "on"
        self.changed(who, group, Node("membership_approval_mode", {}, list(noun_of(request))))

    def mine(self, who: Endpoint, request: Node) -> Group:
        """
        Return the group that an iq is addressed to.

        Raises:
            StanzaError: 404 there is none, 403 the account is not in it.
        """
        jid = request.jid("to")
        group = self._hub.state.groups.get(jid.user) if jid else None
        if group is None:
            raise StanzaError(404, "item-not-found")
        if who.owner[0].phone not in group.members:
            raise StanzaError(403, "forbidden")
        return group

    def administered(self, who: Endpoint, request: Node) -> Group:
        """Return the group that an iq is addressed to; 401 unless its sender is an admin."""
        group = self.mine(who, request)
        if not group.members[who.owner[0].phone]:
            raise StanzaError(401, "not-authorized")
        return group

    def editable(self, who: Endpoint, request: Node) -> Group:
        """Return the group that an iq is addressed to; 401 where it is locked and its sender no admin."""
        group = self.mine(who, request)
        return self.administered(who, request) if group.locked else group

    def changed(self, who: Endpoint, group: Group, change: Node) -> None:
        """Keep a change and tell every member."""
        self._hub.state.touch(group)
        self.tell(who, group, change)

    def tell(self, who: Endpoint, group: Group, change: Node, *, others: list[Account] | None = None) -> None:
        """Tell the members, or *others*, what somebody did."""
        accounts = others if others is not None else [self._hub.state.accounts[phone] for phone in group.members]
        self._hub.notify(accounts, "w:gp2", author_attrs(who, group), [change])


def _subject(text: str) -> str:
    if not text.strip() or len(text) > _SUBJECT_MAX:
        raise StanzaError(406, "not-acceptable")
    return text
