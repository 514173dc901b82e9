"""
How a companion becomes a device of an account, by QR or by pairing code.

A connection that logs in with nothing gets refs to show; a phone that saw one
hands the server the identity it signed for that companion. The companion
countersigns and is sent away (515) to log in as the device it now is. By code
the ref is the same thing, only that phone and companion agree on the secret
through notifications which the server relays and cannot read.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

from wakit.emulator.faults import Fault
from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub, new_id, now
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Device
from wakit.ids import LID_SERVER, USER_SERVER
from wakit.proto import load

adv_pb = load("waAdv.WAAdv_pb2")

_REFS = 6
#: The first ref lives 60 s, the others 20 s; then the real network hangs up.
_QR_SECONDS = 165.0
_SIGN_SECONDS = 20.0


@dataclass(kw_only=True, slots=True)
class Offer:
    """A companion that waits to be linked."""

    endpoint: Endpoint
    #: Static Noise key it will log in with.
    noise: bytes
    #: DevicePairingRegistrationData of its payload.
    registration: Any
    refs: list[str]
    #: What the companion countersigned; nothing when it refused or went away.
    signed: asyncio.Future[bytes | None]
    expiry: asyncio.TimerHandle
    request_id: str = ""
    #: Whose phone shall type the code.
    phone: str = ""


class Linking:
    """The companions that wait, and what phones do with them."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._offers: dict[str, Offer] = {}

    def begin(self, endpoint: Endpoint, noise: bytes, registration: Any) -> None:
        """Offer a new companion its refs."""
        armed = self._hub.faults.strike(Fault.QR_REFS)
        refs = [_new_ref() for _ in range(armed.number("count", 1) if armed else _REFS)]
        loop = asyncio.get_running_loop()
        offer = Offer(
            endpoint=endpoint,
            noise=noise,
            registration=registration,
            refs=refs,
            signed=loop.create_future(),
            expiry=loop.call_later(_QR_SECONDS, endpoint.close),
        )
        self._offers.update(dict.fromkeys(refs, offer))
        pair = Node("pair-device", {}, [Node("ref", {}, ref.encode()) for ref in refs])
        endpoint.write(Node("iq", {"from": SERVER, "type": "set", "id": new_id(), "xmlns": "md"}, [pair]))
        if self._hub.faults.strike(Fault.QR_CLOSED):
            endpoint.close()

    def end(self, endpoint: Endpoint) -> None:
        """Forget the offer of a closed connection."""
        for ref, offer in list(self._offers.items()):
            if offer.endpoint is endpoint:
                del self._offers[ref]
                offer.expiry.cancel()
                if not offer.signed.done():
                    offer.signed.set_result(None)

    def answered(self, endpoint: Endpoint, answer: Node) -> None:
        """Take a companion's answer to pair-success."""
        for offer in self._offers.values():
            if offer.endpoint is endpoint and offer.request_id == answer.get("id") and not offer.signed.done():
                identity = answer.find("pair-device-sign", "device-identity")
                offer.signed.set_result(identity.data if identity else None)
                return

    async def link(self, account: Account, *, ref: str, identity: bytes, platform: str) -> Device:
        """Give a waiting companion its identity and wait until it has countersigned."""
        offer = self._offers.get(ref)
        if offer is None:
            raise StanzaError(404, "this code has expired, or no companion shows it")
        self._stall(offer, account.phone)
        device = Device(
            number=account.next_device,
            linked_at=now(),
            noise=offer.noise,
            registration=offer.registration.eRegid,
            key_index=_key_index(identity),
            platform=platform,
        )
        account.next_device += 1
        self._succeed(offer, account, device, identity)
        if not await _signature(offer):
            raise StanzaError(408, "the companion did not countersign")
        account.devices[device.number] = device
        self._hub.state.touch(account)
        offer.endpoint.write(Node("stream:error", {"code": 515}))
        offer.endpoint.close()
        return device

    def _stall(self, offer: Offer, phone: str) -> None:
        if self._hub.faults.strike(Fault.PAIRING_PASSKEY, phone):
            offer.endpoint.write(_passkey_request())
            raise StanzaError(408, "WhatsApp asks the companion for a passkey")
        if self._hub.faults.strike(Fault.PAIRING_STALLED, phone):
            raise StanzaError(408, "the network never completes this pairing")

    def _succeed(self, offer: Offer, account: Account, device: Device, identity: bytes) -> None:
        offer.request_id = new_id()
        attrs: Attrs = {"from": SERVER, "type": "set", "id": offer.request_id, "xmlns": "md", "t": now()}
        pn, lid = (account.address(server, device.number) for server in (USER_SERVER, LID_SERVER))
        content = [
            Node("device-identity", {}, identity),
            Node("platform", {"name": device.platform}),
            Node("device", {"jid": pn, "lid": lid}),
        ]
        offer.endpoint.write(Node("iq", attrs, [Node("pair-success", {}, content)]))

    @iq("md", "set", "link_code_companion_reg")
    def code(self, who: Endpoint, request: Node) -> list[Node] | None:
        """Relay one stage of linking by code between companion and phone."""
        stage = request.first
        if stage is None:
            raise StanzaError(400, "bad-request")
        if stage.get("stage") == "companion_hello":
            return self._hello(who, stage)
        ref = stage.child("link_code_pairing_ref")
        offer = self._offers.get(ref.data.decode("ascii", "replace")) if ref else None
        if offer is None:
            raise StanzaError(404, "item-not-found")
        if stage.get("stage") == "primary_hello":
            offer.endpoint.write(_staged(stage))
        elif stage.get("stage") == "companion_finish":
            self._to_phone(offer.phone, stage)
        return None

    def _hello(self, who: Endpoint, stage: Node) -> list[Node]:
        account = self._hub.require(stage.jid("jid"))
        offer = next((offer for offer in self._offers.values() if offer.endpoint is who), None)
        if offer is None:
            raise StanzaError(400, "bad-request")
        offer.phone = account.phone
        ref = Node("link_code_pairing_ref", {}, offer.refs[-1].encode())
        self._to_phone(account.phone, Node(stage.tag, dict(stage.attrs), [*stage, ref]))
        return [Node("link_code_companion_reg", {"stage": "companion_hello"}, [ref])]

    def _to_phone(self, phone: str, stage: Node) -> None:
        account = self._hub.state.accounts[phone]
        self._hub.post.send(account, account.devices[0], _staged(stage))


def _staged(stage: Node) -> Node:
    return Node("notification", {"from": SERVER, "type": "link_code_companion_reg", "id": new_id(), "t": now()}, [stage])


def _new_ref() -> str:
    return f"2@{base64.b64encode(secrets.token_bytes(60)).decode()}"


def _key_index(identity: bytes) -> int:
    try:
        sealed = adv_pb.ADVSignedDeviceIdentityHMAC.FromString(identity)
        signed = adv_pb.ADVSignedDeviceIdentity.FromString(sealed.details)
        index: int = adv_pb.ADVDeviceIdentity.FromString(signed.details).keyIndex
    except DecodeError as exc:
        raise StanzaError(400, "the identity is not an ADVSignedDeviceIdentityHMAC") from exc
    return index


async def _signature(offer: Offer) -> bytes | None:
    try:
        return await asyncio.wait_for(asyncio.shield(offer.signed), _SIGN_SECONDS)
    except TimeoutError:
        return None


def _passkey_request() -> Node:
    options = {"challenge": secrets.token_urlsafe(32), "rpId": "whatsapp.com", "userVerification": "required"}
    content = [Node("passkey_request_options", {}, json.dumps(options).encode())]
    return Node("notification", {"from": SERVER, "type": "passkey_prologue_request", "id": new_id(), "t": now()}, content)
