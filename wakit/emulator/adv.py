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

from wakit.emulator.signal.curve import KeyPair, verify
from wakit.proto import load

adv_pb = load("waAdv.WAAdv_pb2")

_ACCOUNT_SIGNATURE = b"\x06\x00"
_DEVICE_SIGNATURE = b"\x06\x01"
_KEY_INDEX_LIST = b"\x06\x02"


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


def device_signature_is_valid(answer: bytes, companion: bytes, account_public: bytes) -> bool:
    """
    Tell whether the companion's answer to pair-success is signed by its own key.

    Args:
        answer: The ADVSignedDeviceIdentity that the companion sent back. It
            leaves the account's key out, so the key is passed separately.
        companion: The companion's public identity key.
        account_public: The phone's public identity key.
    """
    identity = adv_pb.ADVSignedDeviceIdentity.FromString(answer)
    message = _DEVICE_SIGNATURE + identity.details + companion + account_public
    return verify(companion, message, identity.deviceSignature)


def signed_key_index_list(account: KeyPair, *, raw_id: int, timestamp: int, indexes: list[int]) -> bytes:
    """Return the ADVSignedKeyIndexList that says which companions of the account are valid."""
    details = adv_pb.ADVKeyIndexList(
        rawID=raw_id, timestamp=timestamp, currentIndex=max(indexes, default=0), validIndexes=indexes
    ).SerializeToString()
    signed: bytes = adv_pb.ADVSignedKeyIndexList(
        details=details, accountSignature=account.sign(_KEY_INDEX_LIST + details)
    ).SerializeToString()
    return signed
