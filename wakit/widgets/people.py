"""Who is who, as far as a widget knows: which address stands for somebody, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wakit.errors import InvalidJID
from wakit.ids import JID, spellings

#: What travels between host, kernel and browser: words and numbers by name.
Row = dict[str, Any]


@dataclass
class People:
    """Under which address and name somebody is shown, as far as it is known here."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)
    _shown: dict[tuple[str, str], str] = field(default_factory=dict)

    def learn(self, contacts: Iterable[Row], chats: Iterable[Row]) -> None:
        """Take what the host knows; a table has NaN where there is no name and no LID."""
        for contact in contacts:
            account, shown = contact["account"], contact["jid"]
            self.call(account, shown, contact["name"])
            if isinstance(contact["lid"], str):
                self.same(account, contact["lid"], shown)
        for chat in chats:
            self.call(chat["account"], chat["chat"], chat["name"])

    def call(self, account: str, address: str, name: str | None) -> None:
        """Note what somebody is called."""
        if isinstance(name, str) and name:
            self.names[account, address] = name

    def same(self, account: str, address: str, shown: str) -> None:
        """Note that *address* is another one of somebody who is shown as *shown*."""
        if address != shown:
            self._shown[account, address] = shown

    def shown(self, account: str, address: str) -> str:
        """Return the address that stands for this one."""
        jid = bare(address)
        for one in (jid, *_spelt(jid)):
            if (account, one) in self._shown:
                return self._shown[account, one]
            if (account, one) in self.names:
                return one
        return jid

    def is_known(self, account: str, shown: str) -> bool:
        return (account, shown) in self.names


def bare(address: str) -> str:
    """Return an address without the device; what is no address stays as it is."""
    try:
        return str(JID.parse(address).bare)
    except InvalidJID:
        return address


def _spelt(address: str) -> list[str]:
    return spellings(JID.parse(address)) if address.endswith("@s.whatsapp.net") else []
