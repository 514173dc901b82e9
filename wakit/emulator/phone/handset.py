"""
One phone, put together: the async half behind the ``Phone`` facade.

Scripted customers run on the network's loop and use this directly; everybody
else holds a ``Phone``.
"""

from __future__ import annotations

from wakit.emulator.link import Exchange
from wakit.emulator.nodes import Node
from wakit.emulator.phone.appstate import AppState
from wakit.emulator.phone.chat import Chat
from wakit.emulator.phone.companions import Companions
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.groups import Groups
from wakit.emulator.phone.history import HistorySender
from wakit.emulator.phone.incoming import Incoming
from wakit.emulator.phone.linking import Linking
from wakit.emulator.phone.media import Media
from wakit.emulator.phone.outgoing import Outgoing
from wakit.emulator.phone.profile import Profile
from wakit.emulator.phone.retries import Retries


class Handset:
    """A number with its phone, all parts wired."""

    def __init__(self, exchange: Exchange, digits: str, name: str) -> None:
        self.name = name
        self.device = device = Device(exchange, exchange.register_account(digits, push_name=name))
        self.groups = Groups(device)
        self.outgoing = Outgoing(device, self.groups)
        self.media = Media(device)
        self.chat = Chat(device, self.outgoing, self.media)
        self.app_state = AppState(device, self.outgoing)
        self.companions = Companions(device, self.app_state)
        self.linking = Linking(device, self.companions.prepare)
        self.history = HistorySender(device, self.outgoing)
        self.profile = Profile(device)
        self.incoming = Incoming(device, self.groups, self.outgoing, Retries(device, self.groups, self.outgoing))
        self.incoming.on_peer = self.companions.asked
        self.incoming.on_notification = {
            "devices": self.companions.notified,
            "link_code_companion_reg": self.linking.notified,
            "encrypt": self._encrypt_notified,
        }

    async def connect(self) -> None:
        """Go online."""
        await self.device.connect(self.incoming.receive)
        await self.companions.serve(self.name)

    async def close(self) -> None:
        """Go offline, with everything kept."""
        await self.device.close()

    async def rename(self, name: str) -> None:
        """Call the account something else, here and on its companions."""
        self.device.exchange.register_account(self.device.identity.phone, push_name=name)
        self.name = name
        await self.companions.serve(name)

    async def _encrypt_notified(self, node: Node) -> None:
        if node.child("count") is not None:
            await self.device.publish_prekeys()
