"""
Who is on WhatsApp: numbers, their LIDs and their devices.

Every account has two addresses, the phone number and the LID, and clients mix
them freely. Inside the server an account is an ``Account``; addresses are
resolved here on the way in and written with ``Account.address`` on the way out.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterable

from wakit.emulator.link import Identity
from wakit.emulator.server.state import Account, Device, State
from wakit.ids import JID, LID_SERVER, USER_SERVER

#: What the real network calls the legacy spelling of a phone number's server.
_LEGACY_SERVER = "c.us"


class Directory:
    """The accounts of one network."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_lid = {account.lid: account for account in state.accounts.values()}

    def register(self, phone: str, *, lid: str | None = None, push_name: str = "") -> Account:
        """Put a number on WhatsApp, or return it with its new push name."""
        account = self._state.accounts.get(phone)
        if account is None:
            now = int(time.time())
            account = Account(phone=phone, lid=lid or _lid_of(phone), created=now, privacy=dict(_PRIVACY))
            account.devices[0] = Device(number=0, linked_at=now, platform="android")
            self._state.accounts[phone] = account
            self._by_lid[account.lid] = account
        account.push_name = push_name or account.push_name
        self._state.touch(account)
        return account

    def find(self, jid: JID | None) -> Account | None:
        """Return whose address this is, device or not; nothing where nobody has it."""
        if jid is None:
            return None
        if jid.server == LID_SERVER:
            return self._by_lid.get(jid.user)
        return self._state.accounts.get(jid.user) if jid.server in (USER_SERVER, _LEGACY_SERVER) else None

    def device(self, jid: JID) -> tuple[Account, Device] | None:
        """Return the device at an address."""
        account = self.find(jid)
        device = account.devices.get(jid.device) if account else None
        return (account, device) if account and device else None

    def identity(self, jid: JID) -> Identity | None:
        """Return both addresses of whoever has one of them."""
        account = self.find(jid)
        return Identity(phone=account.phone, lid=account.lid) if account else None


def participant_hash(jids: Iterable[JID]) -> str:
    """Return the short hash by which clients and server compare device lists."""
    names = sorted(f"{jid.user}.0:{jid.device}@{jid.server}" for jid in jids)
    digest = hashlib.sha256("".join(names).encode()).digest()
    return f"2:{base64.b64encode(digest[:6]).decode()}"


def device_hash(account: Account, server: str) -> str:
    """Return the hash of an account's device list as *server* writes it."""
    return participant_hash(account.address(server, device.number) for device in account.reachable())


def _lid_of(phone: str) -> str:
    digest = hashlib.blake2b(phone.encode(), digest_size=8, person=b"wakit-lid").digest()
    return f"1{int.from_bytes(digest, 'big') % 10**14:014d}"


_PRIVACY = {
    "groupadd": "all",
    "last": "all",
    "status": "all",
    "profile": "all",
    "readreceipts": "all",
    "online": "all",
    "calladd": "all",
    "messages": "all",
    "defense": "off",
    "stickers": "contacts",
}
