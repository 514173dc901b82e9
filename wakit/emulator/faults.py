"""
Everything that can go wrong with WhatsApp, as switches.

Each ``Fault`` was seen with the real library, or is what the real network is
known to do. Arming one changes how the server answers *companions* (phones of
the emulator keep working, so that a test can still talk to the account);
``times`` makes it wear off, ``account`` limits it to one number.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """One way to fail; the words in brackets are the details it takes."""

    #: The websocket dial is answered with an HTTP error (status).
    DIAL_REFUSED = "dial-refused"
    #: CONNECT is accepted and the connection dropped at once.
    DIAL_DROPPED = "dial-dropped"
    #: Login ends in ``<failure>`` (reason; code and expire for a temporary ban).
    LOGIN_FAILURE = "login-failure"
    #: The connection is closed while the QR is shown, right after the refs were sent.
    QR_CLOSED = "qr-closed"
    #: Fewer QR refs than usual are sent (count).
    QR_REFS = "qr-refs"
    #: The phone scans, and then nothing happens.
    PAIRING_STALLED = "pairing-stalled"
    #: The phone scans, and WhatsApp asks the companion for a passkey.
    PAIRING_PASSKEY = "pairing-passkey"
    #: Messages are relayed, but never acknowledged to their sender.
    MESSAGE_UNACKED = "message-unacked"
    #: Messages are not relayed and acknowledged with an error (status).
    MESSAGE_REFUSED = "message-refused"
    #: Iqs are answered with an error (status; xmlns).
    IQ_REFUSED = "iq-refused"
    #: Iqs are not answered at all (xmlns).
    IQ_UNANSWERED = "iq-unanswered"
    #: Keep-alive pings are not answered.
    PONG_WITHHELD = "pong-withheld"
    #: The media host answers with an HTTP error (status; method).
    MEDIA_REFUSED = "media-refused"
    #: The media host begins to send a file and never goes on.
    MEDIA_HELD = "media-held"
    #: The media host sends other bytes than were uploaded.
    MEDIA_DAMAGED = "media-damaged"
    #: What a client confirms is forgotten, so it is all delivered again after a reconnect.
    RECEIPTS_IGNORED = "receipts-ignored"


@dataclass(frozen=True, kw_only=True)
class Armed:
    """A fault that is switched on."""

    fault: Fault
    account: str | None = None
    details: dict[str, str | int] = field(default_factory=dict)

    def number(self, name: str, default: int) -> int:
        """Return a detail as a number."""
        return int(self.details.get(name, default))


@dataclass(slots=True)
class _Slot:
    armed: Armed
    left: int | None


class Faults:
    """The switchboard; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: list[_Slot] = []

    def arm(self, fault: Fault | str, *, times: int | None = None, account: str | None = None, **details: str | int) -> Armed:
        """
        Switch a fault on.

        Args:
            fault: The fault or its name.
            times: How often it happens before it wears off; for ever if omitted.
            account: Only for the companions of this number. Who dials, shows a
                QR or fetches media is not known, so such faults hit everybody.
            details: Status, reason, code, expire, xmlns …

        Returns:
            The handle to ``disarm``.
        """
        armed = Armed(fault=Fault(fault), account=account and account.lstrip("+"), details=details)
        with self._lock:
            self._slots.append(_Slot(armed, times))
        return armed

    def disarm(self, what: Armed | Fault | str | None = None) -> None:
        """Switch one fault off, every one of a kind, or all of them."""
        with self._lock:
            self._slots = [slot for slot in self._slots if not _meant(slot.armed, what)]

    def armed(self) -> list[Armed]:
        """Return what is switched on."""
        with self._lock:
            return [slot.armed for slot in self._slots]

    def strike(self, fault: Fault, account: str | None = None, **conditions: str) -> Armed | None:
        """
        Return the fault if it happens now, and count it.

        Args:
            fault: Which one.
            account: Whose companion it would hit.
            conditions: Details that must be equal where the armed fault names them.
        """
        with self._lock:
            for slot in self._slots:
                armed = slot.armed
                if armed.fault is fault and armed.account in (None, account) and _applies(armed, conditions):
                    self._count(slot)
                    return armed
        return None

    def _count(self, slot: _Slot) -> None:
        if slot.left is None:
            return
        slot.left -= 1
        if slot.left <= 0:
            self._slots = [other for other in self._slots if other is not slot]


def _applies(armed: Armed, conditions: dict[str, str]) -> bool:
    return all(str(armed.details.get(name, value)) == value for name, value in conditions.items())


def _meant(armed: Armed, what: Armed | Fault | str | None) -> bool:
    return what is None or armed is what or (isinstance(what, str) and armed.fault == what)
