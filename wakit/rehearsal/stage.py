"""
The emulated network of a rehearsal: the account and every recipient have a phone, and messages are encrypted and delivered.

It is the network of ``wakit demo`` without its listeners: phones are in this process, nothing is bound to
a port, and no packet leaves. Its work takes no virtual time, so each call returns when its effect has arrived at the other phone.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from wakit.emulator.faults import Faults
from wakit.emulator.phone.handset import Handset
from wakit.emulator.server.exchange import Server
from wakit.emulator.trace import Trace
from wakit.errors import SendUnknown
from wakit.ids import JID

#: An in-process network answers in milliseconds.
_PATIENCE = 20.0
_OWN = 15550000000


class Memory:
    """Where phones keep their secrets for the length of a rehearsal."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def read(self, name: str) -> bytes | None:
        """Return what was kept under *name*."""
        return self._kept.get(name)

    def write(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*."""
        self._kept[name] = data


class Stage:
    """
    The phones of one rehearsal; lives on one event loop.

    Args:
        folder: Where the emulated network keeps what it needs; thrown away afterwards.
        taken: Addresses of recipients: the account's own number is none of them.
    """

    def __init__(self, folder: Path, taken: set[str]) -> None:
        self._server = Server(folder, faults=Faults(), trace=Trace(), vault=Memory())
        users = {address.partition("@")[0] for address in taken}
        self._free = (str(number) for number in range(_OWN, _OWN + 2 * len(users) + 2) if str(number) not in users)
        self._account = Handset(self._server, next(self._free), "wakit")
        self._phones: dict[str, Handset] = {}

    async def open(self) -> None:
        """Switch the account's phone on."""
        await self._account.connect()

    async def send(self, to: str, text: str, name: str | None) -> str:
        """Send to somebody whose phone is off until ``switch_on``, and return the message's id."""
        if to not in self._phones:
            self._phones[to] = await self._phone(JID.parse(to), name or to)
        return await self._account.chat.text(JID.parse(to), text)

    async def switch_on(self, to: str, message_id: str) -> None:
        """Let a phone get its message; returns when the account knows that it was delivered."""
        await self._phones[to].connect()
        await self._phones[to].device.until_known(message_id, _PATIENCE)
        await self._until_receipt(message_id, "delivered")

    async def read(self, to: str, message_id: str) -> None:
        """Let somebody open the chat; returns when the account knows that the message was read."""
        phone = self._phones[to]
        await phone.chat.mark_read([phone.device.known[message_id]])
        await self._until_receipt(message_id, "read")

    async def answer(self, to: str, words: str) -> str:
        """Let somebody write to the account, and return what arrived there."""
        message_id = await self._phones[to].chat.text(self._account.device.pn, words)
        await self._account.device.until_known(message_id, _PATIENCE)
        return self._account.device.known[message_id].text

    async def close(self) -> None:
        """Switch all phones off."""
        for phone in (self._account, *self._phones.values()):
            await phone.close()

    async def _phone(self, jid: JID, name: str) -> Handset:
        """Put somebody on the network, and leave their phone off."""
        digits = jid.user if jid.is_phone else next(self._free)
        self._server.register_account(digits, lid=None if jid.is_phone else jid.user, push_name=name)
        phone = Handset(self._server, digits, name)
        await phone.connect()
        await phone.close()
        return phone

    async def _until_receipt(self, message_id: str, kind: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not any(message_id in one.ids and one.type == kind for one in reversed(self._account.device.receipts.all())):
            if time.monotonic() > deadline:
                msg = f"The emulated network did not say within {_PATIENCE:g} s that message {message_id} was {kind}."
                raise SendUnknown(msg, message_id=message_id)
            await asyncio.sleep(0)
