from __future__ import annotations

import hashlib
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wakit.emulator.hkdf import hkdf
from wakit.emulator.pairing_code import PairingExchange, normalise
from wakit.emulator.signal import KeyPair
from wakit.errors import LinkingFailed

CODE = "FKPWH7ER"


class Companion:
    """The other side, written down from what whatsmeow's companion does."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.identity = KeyPair.generate()
        self.ephemeral = KeyPair.generate()
        self.adv_secret = b""

    def hello(self) -> bytes:
        header = os.urandom(48)
        return header + self._stream(header, self.ephemeral.public)

    def finish(self, primary_hello: bytes, primary_identity: bytes) -> bytes:
        shared = self.ephemeral.agree(self._stream(primary_hello[:48], primary_hello[48:]))
        salt, nonce, randomness = os.urandom(32), os.urandom(12), os.urandom(32)
        key = hkdf(shared, 32, info=b"link_code_pairing_key_bundle_encryption_key", salt=salt)
        bundle = AESGCM(key).encrypt(nonce, self.identity.public + primary_identity + randomness, None)
        self.adv_secret = hkdf(shared + self.identity.agree(primary_identity) + randomness, 32, info=b"adv_secret")
        return salt + nonce + bundle

    def _stream(self, header: bytes, data: bytes) -> bytes:
        key = hashlib.pbkdf2_hmac("sha256", self.code.encode(), header[:32], 2 << 16, 32)
        engine = Cipher(algorithms.AES(key), modes.CTR(header[32:48])).encryptor()
        return engine.update(data)


def test_pairing_code_right_gives_both_one_secret() -> None:
    """With the same code both sides end with the same secret, and the phone knows the companion's identity."""
    phone, companion = KeyPair.generate(), Companion(CODE)
    exchange = PairingExchange("fkpw-h7er", phone, companion.hello())
    bundle = exchange.open_bundle(companion.finish(exchange.hello(), phone.public))
    assert (companion.identity.public, companion.adv_secret) == (bundle.companion_identity, bundle.adv_secret)


def test_pairing_code_mistyped_is_refused_with_next_step() -> None:
    """A wrong code shows as a bundle that cannot be opened, and the message says to type it again."""
    phone, companion = KeyPair.generate(), Companion(CODE)
    exchange = PairingExchange("FKPWH7ES", phone, companion.hello())
    with pytest.raises(LinkingFailed, match="type them again"):
        exchange.open_bundle(companion.finish(exchange.hello(), phone.public))


def test_pairing_code_of_another_number_is_refused() -> None:
    """A bundle made for another phone is not accepted."""
    phone, companion = KeyPair.generate(), Companion(CODE)
    exchange = PairingExchange(CODE, phone, companion.hello())
    with pytest.raises(LinkingFailed, match="another phone number"):
        exchange.open_bundle(companion.finish(exchange.hello(), KeyPair.generate().public))


@pytest.mark.parametrize("typed", ["FKPW-H7ER", "fkpw h7er", " FKPWH7ER "])
def test_pairing_code_spellings_agree(typed: str) -> None:
    """Case, dash and blanks do not matter."""
    assert normalise(typed) == CODE


@pytest.mark.parametrize("typed", ["", "FKPW", "FKPW-H7E0", "FKPW-H7EU", "FKPW-H7ERX", "ñandú-77"])
def test_pairing_code_malformed_names_the_form(typed: str) -> None:
    """What cannot be a code is refused before anything is sent."""
    with pytest.raises(LinkingFailed, match="FKPW-H7ER"):
        normalise(typed)
