"""
The post office: who is connected, and what waits for whom.

A message, receipt or notification stays in the mailbox of its device until the
device confirms it, connected or not; after a lost connection it is delivered
again, marked ``offline``. That is the guarantee which every client of the real
network builds on. Presence and typing are never kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wakit.emulator.nodes import SERVER, Node, decode, encode
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.state import Account, Device, Mailbox, State, Waiting

Key = tuple[str, int]


class PostOffice:
    """Connections and mailboxes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._online: dict[Key, Endpoint] = {}

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(list(self._online.values()))

    def find(self, account: Account, number: int) -> Endpoint | None:
        """Return the open connection of a device."""
        return self._online.get((account.phone, number))

    def connected(self, account: Account) -> list[Endpoint]:
        """Return the open connections of an account."""
        return [endpoint for (phone, _), endpoint in list(self._online.items()) if phone == account.phone]

    def enter(self, endpoint: Endpoint) -> Endpoint | None:
        """Register a connection; returns the one that it replaces."""
        account, device = endpoint.owner
        former = self.find(account, device.number)
        self._online[account.phone, device.number] = endpoint
        return former

    def leave(self, endpoint: Endpoint) -> bool:
        """Unregister a connection; false where another has taken its place."""
        if endpoint.account is None or endpoint.device is None:
            return False
        key = (endpoint.account.phone, endpoint.device.number)
        if self._online.get(key) is not endpoint:
            return False
        del self._online[key]
        return True

    def send(self, account: Account, device: Device, node: Node) -> None:
        """Deliver a stanza to one device: now if it is there, and again until it confirms."""
        box = self._box(account.phone, device.number)
        box.waiting.append(Waiting(tag=node.tag, id=node.get("id"), stanza=encode(node)))
        self._state.touch(box)
        endpoint = self.find(account, device.number)
        if endpoint is not None and endpoint.active:
            endpoint.write(node)

    def cast(self, account: Account, node: Node, *, sparing: Endpoint | None = None) -> None:
        """Show a stanza to the connected devices of an account; nobody keeps it."""
        for endpoint in self.connected(account):
            if endpoint is not sparing and endpoint.active:
                endpoint.write(node)

    def settle(self, account: Account, device: Device, tag: str, stanza_id: str) -> None:
        """Forget a stanza that the device confirmed."""
        box = self._state.mailboxes.get((account.phone, device.number))
        if box is None:
            return
        for waiting in box.waiting:
            if waiting.id == stanza_id and waiting.tag == tag:
                box.waiting.remove(waiting)
                self._state.touch(box)
                return

    def activate(self, endpoint: Endpoint) -> None:
        """Deliver what waited, in order, between the two marks that clients wait for; then live stanzas follow."""
        account, device = endpoint.owner
        box = self._box(account.phone, device.number)
        count = Counter(waiting.tag for waiting in box.waiting)
        preview = {
            "count": len(box.waiting),
            "appdata": 0,
            "message": count["message"],
            "notification": count["notification"],
            "receipt": count["receipt"],
        }
        endpoint.write(Node("ib", {"from": SERVER}, [Node("offline_preview", dict(preview))]))
        for waiting in list(box.waiting):
            node = decode(waiting.stanza)
            node.attrs["offline"] = "1"
            endpoint.write(node)
        endpoint.active = True
        endpoint.write(Node("ib", {"from": SERVER}, [Node("offline", {"count": len(box.waiting)})]))

    def waiting(self, account: Account, number: int) -> list[Node]:
        """Return what a device has not confirmed yet."""
        box = self._state.mailboxes.get((account.phone, number))
        return [decode(waiting.stanza) for waiting in box.waiting] if box else []

    def discard(self, account: Account, number: int) -> None:
        """Throw a mailbox away: its device is no more."""
        box = self._state.mailboxes.pop((account.phone, number), None)
        if box is not None:
            self._state.forget(box)

    def _box(self, phone: str, number: int) -> Mailbox:
        box = self._state.mailboxes.get((phone, number))
        if box is None:
            box = self._state.mailboxes[phone, number] = Mailbox(phone=phone, device=number)
        return box
