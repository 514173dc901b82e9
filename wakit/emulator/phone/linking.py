"""Linking a companion: by the picture of a QR code, or by a typed pairing code."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable

from wakit.emulator.adv import vouch
from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.pairing_code import KeyBundle, PairingExchange, normalise
from wakit.emulator.phone.device import Device
from wakit.emulator.qr import LinkingCode, Picture, read_qr
from wakit.errors import LinkingFailed
from wakit.ids import JID

#: How long a companion may take to answer, and to ask for a code in the first place.
_PATIENCE = 20.0
_NOT_FOUND = 404


class Linking:
    """This phone's "Linked devices" screen."""

    def __init__(self, device: Device, prepare: Callable[[], Awaitable[None]]) -> None:
        self._device = device
        self._prepare = prepare
        self._hellos: asyncio.Queue[Node] = asyncio.Queue()
        self._finishes: dict[bytes, asyncio.Future[Node]] = {}

    async def scan(self, picture: Picture) -> JID:
        """
        Link the companion that shows this QR code; returns its phone-number address.

        Raises:
            LinkingFailed: The picture is not readable, or nobody waits behind its code any more.
        """
        return await self.scan_text(await asyncio.to_thread(read_qr, picture))

    async def scan_text(self, text: str) -> JID:
        """Link the companion whose QR code says *text*."""
        code = LinkingCode.parse(text)
        return await self._link(code.ref, code.identity_public, code.adv_secret)

    async def type_code(self, code: str) -> JID:
        """
        Link the companion that shows this pairing code; waits for it to ask, if it has not yet.

        Raises:
            LinkingFailed: The code is malformed or wrong, or no companion asks for one.
        """
        code = normalise(code)
        try:
            hello = await asyncio.wait_for(self._hellos.get(), _PATIENCE)
        except TimeoutError as exc:
            msg = f"No companion asked {self._device.identity.phone} for a pairing code. Ask for one with this very number."
            raise LinkingFailed(msg) from exc
        ref, bundle = await self._exchange(code, hello)
        return await self._link(ref.decode(), bundle.companion_identity, bundle.adv_secret)

    async def notified(self, node: Node) -> None:
        """Take one step of a companion that links with a pairing code."""
        step = node.child("link_code_companion_reg")
        if step is None:
            return
        if step.get("stage") == "companion_hello":
            # Only the newest code on a companion's screen is valid.
            while not self._hellos.empty():
                self._hellos.get_nowait()
            self._hellos.put_nowait(step)
        finish = self._finishes.pop(_part(step, "link_code_pairing_ref"), None)
        if step.get("stage") == "companion_finish" and finish is not None and not finish.done():
            finish.set_result(step)

    async def _exchange(self, code: str, hello: Node) -> tuple[bytes, KeyBundle]:
        device, ref = self._device, _part(hello, "link_code_pairing_ref")
        wrapped = _part(hello, "link_code_pairing_wrapped_companion_ephemeral_pub")
        # The key stretching takes a tenth of a second; the network must go on meanwhile.
        exchange = await asyncio.to_thread(PairingExchange, code, device.endpoint.identity, wrapped)
        wrapped_hello = await asyncio.to_thread(exchange.hello)
        finish = self._finishes[ref] = asyncio.get_running_loop().create_future()
        parts = [
            Node("link_code_pairing_wrapped_primary_ephemeral_pub", {}, wrapped_hello),
            Node("primary_identity_pub", {}, device.endpoint.identity.public),
            Node("link_code_pairing_ref", {}, ref),
        ]
        answer = Node("link_code_companion_reg", {"jid": device.pn, "stage": "primary_hello"}, list(parts))
        try:
            await device.link.request(Node("iq", {"xmlns": "md", "type": "set", "to": SERVER}, [answer]))
            finished = await asyncio.wait_for(finish, _PATIENCE)
        except (StanzaError, TimeoutError) as exc:
            msg = "The companion that asked for this pairing code is gone. Ask it for a new code."
            raise LinkingFailed(msg) from exc
        finally:
            self._finishes.pop(ref, None)
        return ref, exchange.open_bundle(_part(finished, "link_code_pairing_wrapped_key_bundle"))

    async def _link(self, ref: str, companion: bytes, adv_secret: bytes) -> JID:
        device, memory = self._device, self._device.memory
        await self._prepare()
        raw_id = memory.setdefault("adv_raw_id", secrets.randbits(31))
        index = memory["adv_key_index"] = memory.get("adv_key_index", 0) + 1
        identity = device.endpoint.identity
        vouched = vouch(identity, companion, raw_id=raw_id, timestamp=int(time.time()), key_index=index)
        device.changed()
        try:
            return await device.exchange.link_device(device.pn, ref=ref, identity=vouched.sealed(identity, adv_secret))
        except StanzaError as exc:
            why = "nobody waits behind this code any more" if exc.number == _NOT_FOUND else exc.text or "it did not go on"
            msg = f"The phone could not link the device: {why}. Show a new code and scan it again."
            raise LinkingFailed(msg, number=exc.number) from exc


def _part(node: Node, tag: str) -> bytes:
    part = node.child(tag)
    return b"" if part is None else part.data
