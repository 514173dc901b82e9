"""
The seam between the network and its phones.

A phone is a client whose socket is a function call: it writes the same stanzas
as a linked device writes (publishes its prekeys, asks for bundles, sends
messages and receipts), only without Noise below. What only a primary device
may do, namely own a number and sign linked devices, are methods of
``Exchange``, the phone's view of the server. Both halves of the emulator are
built against these protocols and know nothing else of each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from wakit.emulator.nodes import Node
from wakit.errors import WakitError
from wakit.ids import JID, LID_SERVER, USER_SERVER

T = TypeVar("T")

#: Network → endpoint: message, receipt, ack, notification, presence, chatstate, ib. Awaited one at a time, in order.
Receiver = Callable[[Node], Awaitable[None]]


class StanzaError(WakitError):
    """The network answered an iq with an error."""

    def __init__(self, number: int, text: str = "") -> None:
        super().__init__(f"The emulated network answered {number} {text}".rstrip(), number=number)
        #: 404, 429, 501, …
        self.number = number
        self.text = text


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A number that is registered on the network: its two addresses."""

    #: ``573001234567``
    phone: str
    #: ``101596383778080``
    lid: str

    @property
    def pn_jid(self) -> JID:
        return JID(self.phone, USER_SERVER)

    @property
    def lid_jid(self) -> JID:
        return JID(self.lid, LID_SERVER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """Where the media host keeps an encrypted file; goes into the message as it is."""

    #: ``/v/t62.7118-24/…``
    direct_path: str
    #: ``https://mmg.whatsapp.net/v/…``
    url: str


class Link(Protocol):
    """An open connection of one device, seen from the device."""

    async def request(self, iq: Node) -> Node:
        """
        Send an iq (get or set; an ``id`` is added where it has none) and return the result iq.

        Raises:
            StanzaError: The network answered ``type="error"``.
        """

    async def send(self, node: Node) -> None:
        """Send a message, receipt, ack, presence, chatstate or ib; returns when the network has taken it."""

    def close(self) -> None:
        """Go offline; from now on stanzas wait in the offline queue."""


class MediaStore(Protocol):
    """The media host, seen from a phone."""

    def put(self, enc: bytes, file_enc_sha256: bytes, *, kind: str = "image") -> Upload:
        """Keep an encrypted file (the bytes with their MAC) as an upload would."""

    def get(self, direct_path: str) -> bytes:
        """
        Return what was uploaded.

        Raises:
            StanzaError: 404, it is gone or never was.
        """


class Vault(Protocol):
    """Where a phone keeps its secrets across restarts of the network (memory only, where the network has no state folder)."""

    def read(self, name: str) -> bytes | None:
        """Return what was kept under *name* (letters, digits, ``-`` and ``_``)."""

    def write(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*, replacing what was there in one step."""


class Exchange(Protocol):
    """
    The server, seen from a phone. All of it is called on the network's loop.

    How a link comes about: the phone publishes its prekeys and its companions
    do. As soon as a new companion has published its own, every endpoint of the
    account and of its contacts gets ``<notification type="devices"><add>``; for
    the phone this is the moment to share app-state keys and history with it.

    Pairing by code: a companion's ``companion_hello`` reaches the phone as
    ``<notification type="link_code_companion_reg" from="s.whatsapp.net">`` around
    the companion's ``<link_code_companion_reg stage="companion_hello">`` with
    ``<link_code_pairing_ref>`` added (it waits in the offline queue of a phone that is
    not there). The phone answers with the iq ``md``/``set`` of
    ``<link_code_companion_reg stage="primary_hello">`` (wrapped key, identity and ref),
    gets ``stage="companion_finish"`` as a second notification of that type, and
    calls ``link_device`` with the ref.
    """

    @property
    def media(self) -> MediaStore:
        """The media host."""

    @property
    def vault(self) -> Vault:
        """Where phones keep their secrets."""

    def register_account(self, phone: str, *, lid: str | None = None, push_name: str = "") -> Identity:
        """
        Put a number (digits) on the network, or return it where it is already there.

        A LID is derived from the number where none is given. A non-empty push
        name replaces the one that was there.
        """

    def attach(self, jid: JID, receiver: Receiver) -> Link:
        """
        Connect device 0 of an account in process; *jid* is its phone-number address.

        A former link of the same device is closed. The offline queue is
        delivered after ``<iq xmlns="passive" type="set"><active/>``, as for any device.
        """

    async def link_device(self, account: JID, *, ref: str, identity: bytes, platform: str = "android") -> JID:
        """
        Complete the linking that a companion waits for.

        Args:
            account: The phone-number address of the phone that links.
            ref: The first field of the QR, or the text of ``link_code_pairing_ref``.
            identity: ``ADVSignedDeviceIdentityHMAC`` as serialised bytes.
            platform: What the companion is told about its phone.

        Returns:
            The phone-number address of the new device, when the companion has
            countersigned and was sent away to log in.

        Raises:
            StanzaError: 404 no companion waits with this ref; 408 it did not
                countersign (or the network is told to stall the pairing).
        """

    async def unlink_device(self, jid: JID) -> None:
        """Remove a companion (phone-number address with device): it is told ``device_removed`` and forgotten."""

    def devices(self, account: JID) -> list[JID]:
        """Return the linked companions of an account as phone-number addresses, oldest first."""

    def identity(self, jid: JID) -> Identity | None:
        """Return who a phone-number address or LID belongs to, or nothing where it is not on WhatsApp."""


class Runtime(Protocol):
    """What a synchronous facade such as ``Phone`` holds: the exchange and the way onto its loop."""

    @property
    def exchange(self) -> Exchange:
        """The server; touch it only from coroutines given to ``run``."""

    @property
    def state(self) -> Path | None:
        """The folder of the network, where it survives a restart."""

    def run(self, work: Coroutine[Any, Any, T], *, timeout: float = 30.0) -> T:
        """
        Run *work* on the network's loop and wait for it, from any other thread.

        Raises:
            TimeoutError: It took longer; the work was cancelled.
        """
