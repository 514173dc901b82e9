"""
The device lists of accounts, and who hears when one changes.

Every sender encrypts for each device of a chat, so it caches device lists and
must be told of a change: those who asked for the list, under both addresses of
the account because clients cache by address; and the account's own devices in
the form of an account sync.
"""

from __future__ import annotations

from wakit.emulator.nodes import Node
from wakit.emulator.server.directory import device_hash
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, now
from wakit.emulator.server.login import stream_error
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Device
from wakit.ids import JID, LID_SERVER, USER_SERVER

#: A client that logs out hangs up by itself; it takes an earlier end for a lost connection and dials again.
_GRACE_SECONDS = 3.0


class Devices:
    """Adding and removing linked devices."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def added(self, account: Account, device: Device, *, by: Endpoint) -> None:
        """Tell everybody concerned that a device can be reached from now on."""
        if device.number:
            self._announce("add", account, device, sparing=by)

    def remove(self, account: Account, device: Device, *, told: bool = True) -> None:
        """
        Forget a linked device.

        Args:
            account: Whose.
            device: Which.
            told: Whether it hears that its phone removed it; not so when it
                logged out by itself.
        """
        del account.devices[device.number]
        self._hub.state.touch(account)
        endpoint = self._hub.post.find(account, device.number)
        if endpoint is not None:
            if told:
                endpoint.write(stream_error(401, conflict="device_removed"))
                endpoint.close()
            else:
                endpoint.close(after=_GRACE_SECONDS)
        self._hub.post.discard(account, device.number)
        self._announce("remove", account, device)

    @iq("md", "set", "remove-companion-device")
    def logout(self, who: Endpoint, request: Node) -> None:
        """Remove a device on its own or on its phone's request."""
        account, own = who.owner
        asked = request.first.jid("jid") if request.first else None
        number = asked.device if asked and asked.device else own.number
        device = account.devices.get(number)
        if device is not None and number:
            self._hub.later(self.remove, account, device, told=device is not own)

    def _announce(self, change: str, account: Account, device: Device, *, sparing: Endpoint | None = None) -> None:
        phones = self._hub.state.accounts
        watchers = [phones[phone] for phone in sorted(account.watchers - {account.phone}) if phone in phones]
        for server in (LID_SERVER, USER_SERVER):
            content = self._change(change, account, device, server)
            self._hub.notify(watchers, "devices", {"from": account.address(server)}, [content])
        own = self._change(change, account, device, LID_SERVER)
        self._hub.notify([account], "devices", {"from": account.lid_jid}, [own], sparing=sparing)
        self._hub.notify([account], "account_sync", {"from": account.pn_jid}, [_own_list(account)], sparing=sparing)

    def _change(self, change: str, account: Account, device: Device, server: str) -> Node:
        jid = account.address(server, device.number)
        content = [Node("device", {"jid": jid, "key-index": device.key_index}), Node("key-index-list", {"ts": now()})]
        return Node(change, {"device_hash": device_hash(account, server)}, content)


def _own_list(account: Account) -> Node:
    items = [
        Node("device", {"jid": JID(account.phone, USER_SERVER, device.number), **_key_index(device)})
        for device in account.reachable()
    ]
    return Node("devices", {"dhash": device_hash(account, USER_SERVER)}, items)


def _key_index(device: Device) -> dict[str, str | JID | int]:
    return {"key-index": device.key_index} if device.number else {}
