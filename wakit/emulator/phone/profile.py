"""What others see of this account: picture, about text, presence, typing."""

from __future__ import annotations

from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.phone.device import Device
from wakit.ids import JID


class Profile:
    """This phone's own profile, and its view of others' presence."""

    def __init__(self, device: Device) -> None:
        self._device = device

    async def set_picture(self, picture: bytes, *, group: JID | None = None) -> None:
        """Show this JPEG as the account's picture, or as a group's."""
        attrs: Attrs = {"xmlns": "w:profile:picture", "type": "set", "to": SERVER}
        if group is not None:
            attrs["target"] = group
        await self._device.link.request(Node("iq", attrs, [Node("picture", {"type": "image"}, picture)]))

    async def set_about(self, text: str) -> None:
        """Show this text under the account's name."""
        iq = Node("iq", {"xmlns": "status", "type": "set", "to": SERVER}, [Node("status", {}, text.encode())])
        await self._device.link.request(iq)

    async def presence(self, name: str, *, available: bool) -> None:
        """Be online or away, under this name."""
        await self._device.link.send(Node("presence", {"type": "available" if available else "unavailable", "name": name}))

    async def watch(self, jid: JID) -> None:
        """Ask to be told when somebody comes and goes."""
        await self._device.link.send(Node("presence", {"type": "subscribe", "to": self._device.directory.lid(jid).bare}))

    async def typing(self, chat: JID, *, on: bool, voice: bool = False) -> None:
        """Show or hide "typing…" (or "recording…") in a chat."""
        to = chat if chat.is_group else self._device.directory.lid(chat).bare
        state = Node("composing", {"media": "audio"} if voice else {}) if on else Node("paused")
        await self._device.link.send(Node("chatstate", {"to": to, "from": self._device.lid}, [state]))
