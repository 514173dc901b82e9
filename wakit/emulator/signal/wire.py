"""
The four protobuf messages of libsignal, as WhatsApp carries them.

Every field is written even when it is 0: clients verify the MAC over their own
re-serialisation, in which a counter of 0 is present.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from wakit.emulator.schema import message_classes
from wakit.emulator.signal.faults import DecryptFailed, Reason

#: Version 3 of the protocol, also the oldest one understood: high and low nibble.
VERSION = b"\x33"

_CLASSES = message_classes(
    "wakit.signal",
    {
        "SignalMessage": [
            ("ratchetKey", 1, "bytes"),
            ("counter", 2, "uint32"),
            ("previousCounter", 3, "uint32"),
            ("ciphertext", 4, "bytes"),
        ],
        "PreKeySignalMessage": [
            ("preKeyId", 1, "uint32"),
            ("baseKey", 2, "bytes"),
            ("identityKey", 3, "bytes"),
            ("message", 4, "bytes"),
            ("registrationId", 5, "uint32"),
            ("signedPreKeyId", 6, "uint32"),
        ],
        "SenderKeyMessage": [("id", 1, "uint32"), ("iteration", 2, "uint32"), ("ciphertext", 3, "bytes")],
        "SenderKeyDistributionMessage": [
            ("id", 1, "uint32"),
            ("iteration", 2, "uint32"),
            ("chainKey", 3, "bytes"),
            ("signingKey", 4, "bytes"),
        ],
    },
)
SignalMessage = _CLASSES["SignalMessage"]
PreKeySignalMessage = _CLASSES["PreKeySignalMessage"]
SenderKeyMessage = _CLASSES["SenderKeyMessage"]
SenderKeyDistributionMessage = _CLASSES["SenderKeyDistributionMessage"]


def read(kind: Any, serialised: bytes) -> Any:
    """
    Read a message behind its version byte.

    Raises:
        DecryptFailed: Another version, or not such a message.
    """
    if serialised[:1] != VERSION:
        raise DecryptFailed(Reason.VERSION)
    try:
        return kind.FromString(serialised[1:])
    except DecodeError as exc:
        raise DecryptFailed(Reason.CORRUPT) from exc
