"""Privacy: settings, the block list, and the tokens that let strangers write."""

from __future__ import annotations

import hashlib
import secrets

from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account


class Privacy:
    """Who may see and write what."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @iq("privacy", "get")
    def settings(self, who: Endpoint, _request: Node) -> list[Node]:
        """Show the account's settings."""
        return [_settings(who.owner[0].privacy)]

    @iq("privacy", "set", "privacy")
    def change(self, who: Endpoint, request: Node) -> list[Node]:
        """Change settings; the account's other devices are told."""
        account, _ = who.owner
        wish = request.child("privacy")
        changed = {node.get("name"): node.get("value") for node in wish or () if node.tag == "category"}
        account.privacy.update(changed)
        self._hub.state.touch(account)
        self._hub.notify([account], "account_sync", {"from": account.pn_jid}, [_settings(changed)], sparing=who)
        return [_settings(changed)]

    @iq("privacy", "set", "tokens")
    def tokens(self, who: Endpoint, request: Node) -> None:
        """Issue a trusted-contact token to each named account."""
        account, _ = who.owner
        issued = request.child("tokens")
        for token in issued or ():
            peer = self._hub.directory.find(token.jid("jid"))
            if peer is not None and peer is not account:
                stamp: Attrs = {"t": token.number("t") or now(), "type": "trusted_contact"}
                content = [Node("tokens", {}, [Node("token", stamp, secrets.token_bytes(16))])]
                attrs: Attrs = {"from": account.pn_jid, "sender_lid": account.lid_jid}
                self._hub.notify([peer], "privacy_token", attrs, content)

    @iq("blocklist", "get")
    def blocked(self, who: Endpoint, _request: Node) -> list[Node]:
        """Show whom the account has blocked."""
        return [_block_list(who.owner[0])]

    @iq("blocklist", "set")
    def block(self, who: Endpoint, request: Node) -> list[Node]:
        """Block or unblock an account."""
        account, _ = who.owner
        item = request.child("item")
        peer = self._hub.directory.find(item.jid("jid")) if item else None
        if item is None or peer is None:
            raise StanzaError(404, "item-not-found")
        before = _block_hash(account)
        account.blocked = [jid for jid in account.blocked if jid != peer.lid_jid]
        if item.get("action") == "block":
            account.blocked.append(peer.lid_jid)
        self._hub.state.touch(account)
        change = Node("item", {"jid": peer.lid_jid, "action": item.get("action")})
        attrs: Attrs = {"dhash": _block_hash(account), "prev_dhash": before, "action": "modify"}
        self._hub.notify([account], "account_sync", {"from": account.pn_jid}, [Node("blocklist", attrs, [change])], sparing=who)
        return [_block_list(account)]

    @iq("disappearing_mode")
    def disappearing_mode(self, who: Endpoint, request: Node) -> None:
        """Take the default timer of new chats; nothing here depends on it."""

    @iq("status", "get", "privacy")
    def status_privacy(self, _who: Endpoint, _request: Node) -> list[Node]:
        """Show that status posts go to all contacts."""
        return [Node("privacy", {}, [Node("list", {"type": "contacts", "default": "true"})])]


def _settings(values: dict[str, str]) -> Node:
    return Node("privacy", {}, [Node("category", {"name": name, "value": value}) for name, value in values.items()])


def _block_list(account: Account) -> Node:
    return Node("list", {"dhash": _block_hash(account)}, [Node("item", {"jid": jid}) for jid in account.blocked])


def _block_hash(account: Account) -> str:
    return hashlib.sha256("".join(sorted(map(str, account.blocked))).encode()).hexdigest()[:12]
