"""
The device identity that links a companion to its phone (ADV).

The phone signs the companion's identity key with the account's key and seals
the whole with the secret that only the two of them know: from the QR code, or
derived from the pairing code. The companion answers with its own signature
over the same identity; a companion that did not is not a companion.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from wakit.emulator.signal.curve import KeyPair, verify
from wakit.proto import load

adv_pb = load("waAdv.WAAdv_pb2")

_ACCOUNT_SIGNATURE = b"\x06\x00"
_DEVICE_SIGNATURE = b"\x06\x01"
_KEY = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceIdentity:
    """One companion as its account vouches for it."""

    #: Serialised ADVDeviceIdentity.
    details: bytes
    account_signature: bytes
    #: Public identity key of the companion.
    companion: bytes

    def sealed(self, account: KeyPair, adv_secret: bytes) -> bytes:
        """Return the ADVSignedDeviceIdentityHMAC that the server hands to the companion."""
        signed = adv_pb.ADVSignedDeviceIdentity(
            details=self.details, accountSignatureKey=account.public, accountSignature=self.account_signature
        ).SerializeToString()
        seal = hmac.digest(adv_secret, signed, hashlib.sha256)
        sealed: bytes = adv_pb.ADVSignedDeviceIdentityHMAC(details=signed, HMAC=seal).SerializeToString()
        return sealed


def vouch(account: KeyPair, companion: bytes, *, raw_id: int, timestamp: int, key_index: int) -> DeviceIdentity:
    """
    Sign a companion's identity key with the account's key.

    Args:
        account: The phone's identity key pair.
        companion: The companion's public identity key.
        raw_id: Random number of the account's key list.
        timestamp: Unix seconds.
        key_index: Counts the account's companions.
    """
    details = adv_pb.ADVDeviceIdentity(rawID=raw_id, timestamp=timestamp, keyIndex=key_index).SerializeToString()
    signature = account.sign(_ACCOUNT_SIGNATURE + details + companion)
    return DeviceIdentity(details=details, account_signature=signature, companion=companion)


def is_vouched(identity: bytes, companion: bytes) -> bool:
    """
    Tell whether a companion is what it says: vouched for by an account, and countersigned by itself.

    Args:
        identity: The ADVSignedDeviceIdentity that comes with the first
            messages of a companion.
        companion: The public identity key that it really encrypts with.
    """
    try:
        signed = adv_pb.ADVSignedDeviceIdentity.FromString(identity)
    except DecodeError:
        return False
    account = signed.accountSignatureKey
    if len(account) != _KEY:
        return False
    by_account = verify(account, _ACCOUNT_SIGNATURE + signed.details + companion, signed.accountSignature)
    return by_account and verify(companion, _DEVICE_SIGNATURE + signed.details + companion + account, signed.deviceSignature)
