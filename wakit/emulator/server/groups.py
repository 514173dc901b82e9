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
from wakit.emulator.server.group_nodes import author_attrs, group_node, member_node
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Group

_SUBJECT_MAX = 100


class Groups:
    """The life of groups; their members are the noun of ``Members``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @iq("w:g2", "set", "create")
    def create(self, who: Endpoint, request: Node) -> list[Node]:
        """Make a group of the creator and those it names."""
        account, _ = who.owner
        wish = _noun(request)
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
        group.subject = _subject(_noun(request).data.decode("utf-8", "replace"))
        group.subject_by, group.subject_at = account.phone, now()
        stamp: Attrs = {"s_t": group.subject_at, "s_o": account.lid_jid, "s_o_pn": account.pn_jid}
        self.changed(who, group, Node("subject", {"subject": group.subject, **stamp}))

    @iq("w:g2", "set", "description")
    def description(self, who: Endpoint, request: Node) -> None:
        """Describe a group, or remove its description."""
        group = self.editable(who, request)
        wish = _noun(request)
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
        group.announcement = _noun(request).tag == "announcement"
        self.changed(who, group, Node(_noun(request).tag, {"v_id": now()}))

    @iq("w:g2", "set", "locked")
    @iq("w:g2", "set", "unlocked")
    def lock(self, who: Endpoint, request: Node) -> None:
        """Let only admins change the group, or everybody."""
        group = self.administered(who, request)
        group.locked = _noun(request).tag == "locked"
        self.changed(who, group, Node(_noun(request).tag))

    @iq("w:g2", "set", "ephemeral")
    @iq("w:g2", "set", "not_ephemeral")
    def ephemeral(self, who: Endpoint, request: Node) -> None:
        """Let messages disappear, or stay."""
        group = self.editable(who, request)
        group.ephemeral = _noun(request).number("expiration")
        told = Node("ephemeral", {"expiration": group.ephemeral}) if group.ephemeral else Node("not_ephemeral")
        self.changed(who, group, told)

    @iq("w:g2", "set", "member_add_mode")
    def member_add_mode(self, who: Endpoint, request: Node) -> None:
        """Say who may add members."""
        group = self.administered(who, request)
        group.member_add_mode = _noun(request).data.decode()
        self.changed(who, group, Node("member_add_mode", {}, group.member_add_mode.encode()))

    @iq("w:g2", "set", "membership_approval_mode")
    def approval_mode(self, who: Endpoint, request: Node) -> None:
        """Say whether joining by link needs an admin's approval."""
        group = self.administered(who, request)
        state = _noun(request).child("group_join")
        group.join_approval = state is not None and state.get("state") == "on"
        self.changed(who, group, Node("membership_approval_mode", {}, list(_noun(request))))

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


class Members:
    """Who is in a group: added, removed, promoted, invited."""

    def __init__(self, hub: Hub, groups: Groups) -> None:
        self._hub = hub
        self._groups = groups

    @iq("w:g2", "set", "add")
    def add(self, who: Endpoint, request: Node) -> list[Node]:
        """Add members; each answer says whether it worked."""
        group = self._groups.mine(who, request)
        if group.member_add_mode == "admin_add":
            self._groups.administered(who, request)
        found = self._named(request)
        fresh = [account for _, account in found if account and account.phone not in group.members]
        self._join(who, group, fresh)
        return [Node("add", {}, [_added(node, account, fresh) for node, account in found])]

    @iq("w:g2", "set", "remove")
    def remove(self, who: Endpoint, request: Node) -> list[Node]:
        """Remove members."""
        group = self._groups.administered(who, request)
        found = self._named(request)
        gone = [account for _, account in found if account and account.phone in group.members]
        self._leave(who, group, gone)
        answers = [member_node(account, error=0 if account in gone else 404) for _, account in found if account]
        return [Node("remove", {}, answers)]

    @iq("w:g2", "set", "promote")
    @iq("w:g2", "set", "demote")
    def rank(self, who: Endpoint, request: Node) -> list[Node]:
        """Make members admins, or admins members."""
        group = self._groups.administered(who, request)
        change = _noun(request).tag
        meant = [account for _, account in self._named(request) if account and account.phone in group.members]
        for account in meant:
            if group.members[account.phone] != "superadmin":
                group.members[account.phone] = "admin" if change == "promote" else ""
        nodes = [member_node(account, group.members[account.phone]) for account in meant]
        group.version += 1
        self._groups.changed(who, group, Node(change, {"v_id": group.version, "prev_v_id": group.version - 1}, nodes))
        return [Node(change, {}, nodes)]

    @iq("w:g2", "set", "leave")
    def leave(self, who: Endpoint, request: Node) -> list[Node]:
        """Leave groups."""
        account, _ = who.owner
        left = []
        for node in _noun(request).children("group"):
            jid = node.jid("id")
            group = self._hub.state.groups.get(jid.user) if jid else None
            if group is not None and account.phone in group.members:
                self._leave(who, group, [account])
                left.append(Node("group", {"id": group.jid}))
        return [Node("leave", {}, left)]

    @iq("w:g2", "get", "invite")
    @iq("w:g2", "set", "invite")
    def invite(self, who: Endpoint, request: Node) -> list[Node]:
        """Show or renew a group's invite link; or, with a code, show or join the group behind it."""
        code = _noun(request).get("code")
        if not code:
            return self._link(who, request)
        group = next((group for group in self._hub.state.groups.values() if group.invite == code), None)
        if group is None:
            raise StanzaError(406, "not-acceptable")
        if request.get("type") == "get":
            return [group_node(group, self._hub.state.accounts)]
        return self._join_by_link(who, group)

    def _link(self, who: Endpoint, request: Node) -> list[Node]:
        group = self._groups.administered(who, request)
        if not group.invite or request.get("type") == "set":
            group.invite = secrets.token_urlsafe(16)[:22].replace("-", "x").replace("_", "y")
            self._hub.state.touch(group)
        return [Node("invite", {"code": group.invite})]

    def _join_by_link(self, who: Endpoint, group: Group) -> list[Node]:
        account, _ = who.owner
        if group.join_approval and account.phone not in group.members:
            group.requests[account.phone] = now()
            self._hub.state.touch(group)
            return [Node("membership_approval_request", {"jid": group.jid})]
        if account.phone not in group.members:
            self._join(who, group, [account], reason="invite")
        return [Node("group", {"jid": group.jid})]

    @iq("w:g2", "get", "membership_approval_requests")
    def requests(self, who: Endpoint, request: Node) -> list[Node]:
        """Show who asked to join."""
        group = self._groups.administered(who, request)
        asked = [
            Node("membership_approval_request", {"jid": self._hub.state.accounts[phone].lid_jid, "request_time": at})
            for phone, at in group.requests.items()
        ]
        return [Node("membership_approval_requests", {}, asked)]

    @iq("w:g2", "set", "membership_requests_action")
    def decide(self, who: Endpoint, request: Node) -> list[Node]:
        """Approve or reject those who asked to join."""
        group = self._groups.administered(who, request)
        action = _noun(request).first
        if action is None:
            raise StanzaError(400, "bad-request")
        found = [self._hub.directory.find(node.jid("jid")) for node in action.children("participant")]
        meant = [account for account in found if account and group.requests.pop(account.phone, None) is not None]
        if action.tag == "approve":
            self._join(who, group, meant)
        self._hub.state.touch(group)
        answer = Node(action.tag, {}, [member_node(account) for account in meant])
        return [Node("membership_requests_action", {}, [answer])]

    def _named(self, request: Node) -> list[tuple[Node, Account | None]]:
        return [(node, self._hub.directory.find(node.jid("jid"))) for node in _noun(request).children("participant")]

    def _join(self, who: Endpoint, group: Group, fresh: list[Account], *, reason: str = "") -> None:
        if not fresh:
            return
        before = [self._hub.state.accounts[phone] for phone in group.members]
        group.members.update({account.phone: "" for account in fresh})
        group.version += 1
        self._hub.state.touch(group)
        nodes = [member_node(account) for account in fresh]
        stamp: Attrs = {"v_id": group.version, "prev_v_id": group.version - 1, "reason": reason}
        self._groups.tell(who, group, Node("add", stamp, nodes), others=before)
        joined = Node("create", {"reason": reason}, [group_node(group, self._hub.state.accounts)])
        self._groups.tell(who, group, joined, others=fresh)

    def _leave(self, who: Endpoint, group: Group, gone: list[Account]) -> None:
        if not gone:
            return
        before = [self._hub.state.accounts[phone] for phone in group.members]
        for account in gone:
            del group.members[account.phone]
        if group.members and not any(group.members.values()):
            group.members[next(iter(group.members))] = "admin"
        group.version += 1
        self._hub.state.touch(group)
        stamp: Attrs = {"v_id": group.version, "prev_v_id": group.version - 1}
        nodes = [member_node(account) for account in gone]
        self._groups.tell(who, group, Node("remove", stamp, nodes), others=before)


def _added(asked: Node, account: Account | None, fresh: list[Account]) -> Node:
    if account is None:
        return Node("participant", {**asked.attrs, "error": 404})
    return member_node(account, error=0 if account in fresh else 409)


def _noun(request: Node) -> Node:
    if request.first is None:
        raise StanzaError(400, "bad-request")
    return request.first


def _subject(text: str) -> str:
    if not text.strip() or len(text) > _SUBJECT_MAX:
        raise StanzaError(406, "not-acceptable")
    return text
