"""How a group looks on the wire: its info, its members, and who changed it."""

from __future__ import annotations

from collections.abc import Iterable

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.state import Account, Group

Accounts = dict[str, Account]


def group_node(group: Group, accounts: Accounts, *, full: bool = True) -> Node:
    """Return the group's info; without members and description unless it is *full*."""
    creator, namer = accounts[group.creator], accounts[group.subject_by]
    attrs: Attrs = {
        "id": group.id,
        "jid": group.jid,
        "creator": creator.lid_jid,
        "creator_pn": creator.pn_jid,
        "creation": group.created,
        "subject": group.subject,
        "s_t": group.subject_at,
        "s_o": namer.lid_jid,
        "s_o_pn": namer.pn_jid,
        "size": len(group.members),
        "addressing_mode": "lid",
        "p_v_id": group.version,
        "a_v_id": group.version,
    }
    return Node("group", attrs, [*_settings(group), *(_details(group, accounts) if full else ())])


def _settings(group: Group) -> Iterable[Node]:
    yield Node("member_add_mode", {}, group.member_add_mode.encode())
    if group.announcement:
        yield Node("announcement")
    if group.locked:
        yield Node("locked")
    if group.ephemeral:
        yield Node("ephemeral", {"expiration": group.ephemeral})
    if group.join_approval:
        yield Node("membership_approval_mode", {}, [Node("group_join", {"state": "on"})])


def _details(group: Group, accounts: Accounts) -> Iterable[Node]:
    if group.description:
        author = accounts[group.description_by]
        attrs: Attrs = {
            "id": group.description_id,
            "t": group.description_at,
            "participant": author.lid_jid,
            "participant_pn": author.pn_jid,
        }
        yield Node("description", attrs, [Node("body", {}, group.description.encode())])
    for phone, rank in group.members.items():
        yield member_node(accounts[phone], rank)


def member_node(account: Account, rank: str = "", *, error: int = 0) -> Node:
    """Return one member; *error* says why it could not become one."""
    attrs: Attrs = {"jid": account.lid_jid, "phone_number": account.pn_jid}
    if rank:
        attrs["type"] = rank
    if error:
        attrs["error"] = error
    return Node("participant", attrs)


def author_attrs(who: Endpoint, group: Group) -> Attrs:
    """Return the attributes of a notification about something that *who* did."""
    account, _ = who.owner
    return {
        "from": group.jid,
        "participant": account.lid_jid,
        "participant_pn": account.pn_jid,
        "notify": account.push_name,
        "addressing_mode": "lid",
    }


def noun_of(request: Node) -> Node:
    """Return what an iq is about; 400 where it is about nothing."""
    if request.first is None:
        raise StanzaError(400, "bad-request")
    return request.first
