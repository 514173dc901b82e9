"""
What a phone does for its linked companions, unasked and on request.

A new companion can read nothing of the account's settings until the phone has
shared its key; the official clients keep it waiting for that moment.
"""

from __future__ import annotations

import asyncio
from typing import Any

from wakit.emulator.nodes import Node
from wakit.emulator.phone.appstate import AppState
from wakit.emulator.phone.device import Device
from wakit.errors import NotConnected
from wakit.ids import JID
from wakit.proto import e2e_pb


class Companions:
    """The linked devices of this phone's account."""

    def __init__(self, device: Device, app_state: AppState) -> None:
        self._device = device
        self._app_state = app_state
        #: LIDs of companions that have the key, kept across a restart.
        self._served: list[str] = device.memory.setdefault("served", [])
        self._changed = asyncio.Condition()
        self._name = ""

    def linked(self) -> list[JID]:
        """Return the companions as phone-number addresses, oldest first."""
        return self._device.exchange.devices(self._device.pn)

    async def serve(self, name: str) -> None:
        """Call the account *name* for every companion, and welcome those that came while this phone was away."""
        self._name = name
        companions = [one for one in await self._device.directory.devices([self._device.lid]) if one.device]
        if companions:
            await self.prepare()
        for companion in companions:
            await self._welcome(companion)

    async def prepare(self) -> None:
        """
        Publish the account's name where it is not yet, before a companion comes.

        A companion that hears of a change before it has the key asks the phone
        for the key, which no companion does on the real network.
        """
        if self._device.memory.get("push_name") != self._name:
            await self._app_state.set_push_name(self._name)
            self._device.memory["push_name"] = self._name

    async def notified(self, node: Node) -> None:
        """Take a change of somebody's devices."""
        origin = node.jid("from")
        if origin is None or not self._device.is_own(origin):
            return
        for tag in ("add", "remove"):
            for change in node.children(tag):
                for listed in change.children("device"):
                    jid = listed.jid("lid") or listed.jid("jid")
                    if jid is not None:
                        companion = self._device.directory.lid(jid)
                        await (self._welcome(companion) if tag == "add" else self._part(companion))

    async def asked(self, companion: JID, message: Any) -> None:
        """Answer a companion's message of the protocol."""
        if message.protocolMessage.type == e2e_pb.ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST:
            await self._app_state.share_key(companion)

    async def ready(self, companion: JID, seconds: float) -> None:
        """
        Wait until a companion has published its keys and was given the account's.

        Raises:
            NotConnected: It did not come within *seconds*.
        """
        name = str(self._device.directory.lid(companion))
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(lambda: name in self._served), seconds)
            except TimeoutError as exc:
                msg = f"The companion {companion} was linked, but did not log in and publish its keys within {seconds:g} s."
                raise NotConnected(msg, device=str(companion)) from exc

    async def _welcome(self, companion: JID) -> None:
        if str(companion) in self._served:
            return
        await self._app_state.share_key(companion)
        async with self._changed:
            self._served.append(str(companion))
            self._changed.notify_all()
        self._device.changed()

    async def _part(self, companion: JID) -> None:
        if str(companion) in self._served:
            self._served.remove(str(companion))
            self._device.changed()
