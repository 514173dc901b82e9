"""
Who is in a group: added, removed, promoted, invited, asking to join.

Those who were in the group hear of the change; who joins gets the whole group,
as if it had just been made.
"""

from __future__ import annotations

import secrets

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.group_nodes import group_node, member_node, noun_of
from wakit.emulator.server.groups import Groups
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Group


class Members:
    """The members of groups."""

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
        change = noun_of(request).tag
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
        for node in noun_of(request).children("group"):
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
        code = noun_of(request).get("code")
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
        action = noun_of(request).first
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
        return [(node, self._hub.directory.find(node.jid("jid"))) for node in noun_of(request).children("participant")]

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
