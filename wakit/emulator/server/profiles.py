"""
Profiles: picture, about text, business card and the contact's QR link.

Answers are those of the real network where a thing is missing: a profile
without picture has no ``<picture>``, which clients report as an error of their
own.
"""

from __future__ import annotations

import secrets

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.group_nodes import author_attrs
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Group, Picture
from wakit.ids import JID


class Profiles:
    """What others see of an account or group."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @iq("w:profile:picture", "get")
    def picture(self, who: Endpoint, request: Node) -> list[Node]:
        """Say where the picture of an account or group is."""
        owner = self._owner(who, request.jid("target"))
        asked = request.child("picture")
        if owner.picture is None or (asked and asked.get("id") == owner.picture.id):
            return []
        upload = self._hub.media.put_open(owner.picture.data)
        kind = asked.get("type", "image") if asked else "image"
        attrs: Attrs = {"id": owner.picture.id, "url": upload.url, "type": kind, "direct_path": upload.direct_path}
        return [Node("picture", attrs)]

    @iq("w:profile:picture", "set")
    def set_picture(self, who: Endpoint, request: Node) -> list[Node]:
        """Take or remove the picture of the own account or of a group."""
        owner = self._owner(who, request.jid("target"))
        given = request.child("picture")
        owner.picture = Picture(id=str(now() * 1000 + secrets.randbelow(1000)), data=given.data) if given and given.data else None
        self._hub.state.touch(owner)
        self._tell(who, owner)
        return [Node("picture", {"id": owner.picture.id})] if owner.picture else []

    @iq("status", "set")
    def about(self, who: Endpoint, request: Node) -> None:
        """Take the account's about text."""
        account, _ = who.owner
        text = request.child("status")
        self.set_about(who, text.data.decode("utf-8", "replace") if text else "", account)

    def set_about(self, who: Endpoint, text: str, account: Account) -> None:
        """Change an account's about text and tell those who know it."""
        account.about = text
        self._hub.state.touch(account)
        content = [Node("set", {}, text.encode())]
        self._hub.notify(self._watchers(account), "status", {"from": account.lid_jid}, content, sparing=who)

    @iq("w:biz", "get", "business_profile")
    def business(self, _who: Endpoint, request: Node) -> list[Node]:
        """Show that an account is no business: a profile with nothing but its address."""
        profile = request.find("business_profile", "profile")
        jid = profile.jid("jid") if profile else None
        return [Node("business_profile", {"v": "244"}, [Node("profile", {"jid": jid})] if jid else [])]

    @iq("w:qr", "set", "qr")
    def contact_link(self, who: Endpoint, request: Node) -> list[Node]:
        """Give the code of the account's contact QR, a new one where the old one is revoked."""
        account, _ = who.owner
        asked = request.child("qr")
        if not account.contact_code or (asked and asked.get("action") == "revoke"):
            account.contact_code = secrets.token_hex(7).upper()
            self._hub.state.touch(account)
        return [Node("qr", {"code": account.contact_code, "type": "contact"})]

    @iq("w:qr", "get", "qr")
    def resolve_link(self, _who: Endpoint, request: Node) -> list[Node]:
        """Say whose contact QR this is."""
        asked = request.child("qr")
        code = asked.get("code") if asked else ""
        account = next((one for one in self._hub.state.accounts.values() if code and one.contact_code == code), None)
        if account is None:
            raise StanzaError(404, "item-not-found")
        return [Node("qr", {"jid": account.pn_jid, "notify": account.push_name, "type": "contact"})]

    def _owner(self, who: Endpoint, target: JID | None) -> Account | Group:
        if target is None:
            return who.owner[0]
        if not target.is_group:
            return self._hub.require(target)
        group = self._hub.state.groups.get(target.user)
        if group is None:
            raise StanzaError(404, "item-not-found")
        if who.owner[0].phone not in group.members:
            raise StanzaError(401, "not-authorized")
        return group

    def _tell(self, who: Endpoint, owner: Account | Group) -> None:
        jid = owner.jid if isinstance(owner, Group) else owner.lid_jid
        author = who.owner[0].lid_jid
        about: Attrs = {"jid": jid, "author": author}
        change = Node("set", {**about, "id": owner.picture.id}) if owner.picture else Node("delete", about)
        if isinstance(owner, Group):
            members = [self._hub.state.accounts[phone] for phone in owner.members]
            self._hub.notify(members, "picture", author_attrs(who, owner), [change])
        else:
            self._hub.notify([owner, *self._watchers(owner)], "picture", {"from": jid}, [change], sparing=who)

    def _watchers(self, account: Account) -> list[Account]:
        phones = self._hub.state.accounts
        return [phones[phone] for phone in sorted(account.watchers - {account.phone}) if phone in phones]
