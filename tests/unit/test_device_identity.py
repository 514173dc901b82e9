from __future__ import annotations

import hashlib
import hmac
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wakit.emulator.adv import adv_pb, is_vouched, vouch
from wakit.emulator.signal import KeyPair, verify


def test_identity_sealed_is_what_a_companion_checks() -> None:
    """A companion finds the seal, the account's signature and its own key in what it is handed."""
    account, companion, secret = KeyPair.generate(), KeyPair.generate(), secrets.token_bytes(32)
    identity = vouch(account, companion.public, raw_id=7, timestamp=1_790_000_000, key_index=3)
    sealed = adv_pb.ADVSignedDeviceIdentityHMAC.FromString(identity.sealed(account, secret))
    assert hmac.digest(secret, sealed.details, hashlib.sha256) == sealed.HMAC
    signed = adv_pb.ADVSignedDeviceIdentity.FromString(sealed.details)
    assert account.public == signed.accountSignatureKey
    assert verify(account.public, b"\x06\x00" + signed.details + companion.public, signed.accountSignature)
    details = adv_pb.ADVDeviceIdentity.FromString(signed.details)
    assert (7, 1_790_000_000, 3) == (details.rawID, details.timestamp, details.keyIndex)


def countersigned(account: KeyPair, companion: KeyPair, by: KeyPair) -> bytes:
    """Return the identity that a companion shows, countersigned with the key of *by*."""
    identity = vouch(account, companion.public, raw_id=7, timestamp=1, key_index=1)
    message = b"\x06\x01" + identity.details + companion.public + account.public
    signed = adv_pb.ADVSignedDeviceIdentity(
        details=identity.details,
        accountSignatureKey=account.public,
        accountSignature=identity.account_signature,
        deviceSignature=by.sign(message),
    )
    shown: bytes = signed.SerializeToString()
    return shown


def test_identity_countersigned_by_the_companion_is_vouched() -> None:
    """Both signatures right: the companion is who it says."""
    account, companion = KeyPair.generate(), KeyPair.generate()
    assert is_vouched(countersigned(account, companion, companion), companion.public)


def test_identity_not_countersigned_by_the_companion_is_refused() -> None:
    """Not even the account can countersign for its companion."""
    account, companion = KeyPair.generate(), KeyPair.generate()
    assert not is_vouched(countersigned(account, companion, account), companion.public)


def test_identity_of_another_key_is_refused() -> None:
    """An identity copied from somebody else does not fit the key that is really used."""
    account, companion, thief = KeyPair.generate(), KeyPair.generate(), KeyPair.generate()
    assert not is_vouched(countersigned(account, companion, companion), thief.public)


@pytest.mark.parametrize("identity", [b"", b"\xff\xff", bytes(100)])
def test_identity_malformed_is_refused(identity: bytes) -> None:
    """What is no identity vouches for nobody."""
    assert not is_vouched(identity, KeyPair.generate().public)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_signature_verifies_only_its_own_message(message: bytes) -> None:
    """A signature belongs to one key and one message."""
    pair = KeyPair.generate()
    signature = pair.sign(message)
    assert verify(pair.public, message, signature)
    assert not verify(pair.public, message + b"x", signature)
    assert not verify(KeyPair.generate().public, message, signature)
