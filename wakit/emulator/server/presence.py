"""Who is online and who is typing; shown to whoever is there, kept for nobody."""

from __future__ import annotations

from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.router import stanza
from wakit.emulator.server.state import Account
from wakit.ids import JID


class Presence:
    """Online, last seen and typing."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @stanza("presence")
    def presence(self, who: Endpoint, node: Node) -> None:
        """Take a device's presence, or its wish to see another's."""
        account, _ = who.owner
        if node.get("type") == "subscribe":
            self._subscribe(who, node.jid("to"))
            return
        if name := node.get("name"):
            account.push_name = name
            self._hub.state.touch(account)
        was = self._available(account)
        who.available = node.get("type", "available") == "available"
        if was != self._available(account):
            self.changed(account)

    @stanza("chatstate")
    def typing(self, who: Endpoint, node: Node) -> None:
        """Show that somebody types, in a chat or in a group."""
        account, _ = who.owner
        to = node.jid("to")
        if to is None:
            return
        content = list(node)
        if to.is_group:
            group = self._hub.state.groups.get(to.user)
            attrs: Attrs = who.as_member(to)
            for phone in group.members if group and account.phone in group.members else ():
                if phone != account.phone:
                    self._hub.post.cast(self._hub.state.accounts[phone], Node("chatstate", attrs, content))
        elif (peer := self._hub.directory.find(to)) and peer is not account:
            self._hub.post.cast(peer, Node("chatstate", {"from": account.address(to.server)}, content))

    def left(self, who: Endpoint) -> None:
        """Take note that a connection has ended."""
        if who.account is None or not who.available:
            return
        who.available = False
        if not self._available(who.account):
            self.changed(who.account)

    def changed(self, account: Account) -> None:
        """Show an account's presence to those who asked for it."""
        if not self._available(account):
            account.last_seen = now()
            self._hub.state.touch(account)
        for endpoint in self._hub.post:
            for address in endpoint.subscriptions:
                if self._hub.directory.find(address) is account:
                    endpoint.write(self._shown(account, address))

    def _subscribe(self, who: Endpoint, to: JID | None) -> None:
        peer = self._hub.directory.find(to)
        if to is not None and peer is not None:
            who.subscriptions.add(to.bare)
            who.write(self._shown(peer, to.bare))

    def _shown(self, account: Account, address: JID) -> Node:
        if self._available(account):
            return Node("presence", {"from": address, "type": "available"})
        last: Attrs = {"last": account.last_seen} if account.last_seen else {}
        return Node("presence", {"from": address, "type": "unavailable", **last})

    def _available(self, account: Account) -> bool:
        return any(endpoint.available for endpoint in self._hub.post.connected(account))
