from __future__ import annotations

import hashlib
import hmac
import secrets

from hypothesis import given, settings
from hypothesis import strategies as st

from wakit.emulator.adv import adv_pb, device_signature_is_valid, signed_key_index_list, vouch
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


def test_identity_countersigned_by_another_is_refused() -> None:
    """Only the companion itself can countersign; the account's key is not part of its answer."""
    account, companion, other = KeyPair.generate(), KeyPair.generate(), KeyPair.generate()
    identity = vouch(account, companion.public, raw_id=7, timestamp=1, key_index=1)
    message = b"\x06\x01" + identity.details + companion.public + account.public
    answers = [
        adv_pb.ADVSignedDeviceIdentity(
            details=identity.details, accountSignature=identity.account_signature, deviceSignature=signer.sign(message)
        ).SerializeToString()
        for signer in (companion, other)
    ]
    assert [True, False] == [device_signature_is_valid(answer, companion.public, account.public) for answer in answers]


def test_identity_key_index_list_is_signed_by_the_account() -> None:
    """The list of valid companions names the newest and carries the account's signature."""
    account = KeyPair.generate()
    signed = adv_pb.ADVSignedKeyIndexList.FromString(signed_key_index_list(account, raw_id=7, timestamp=1, indexes=[1, 4]))
    assert verify(account.public, b"\x06\x02" + signed.details, signed.accountSignature)
    listed = adv_pb.ADVKeyIndexList.FromString(signed.details)
    assert (4, [1, 4]) == (listed.currentIndex, list(listed.validIndexes))


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_signature_verifies_only_its_own_message(message: bytes) -> None:
    """A signature belongs to one key and one message."""
    pair = KeyPair.generate()
    signature = pair.sign(message)
    assert verify(pair.public, message, signature)
    assert not verify(pair.public, message + b"x", signature)
    assert not verify(KeyPair.generate().public, message, signature)
