"""
The phone's side of linking with a pairing code.

Both sides stretch the eight characters with PBKDF2 to hide their ephemeral
keys, agree on a secret, and the companion then sends its identity and fresh
randomness under that secret. Whoever relays the exchange learns nothing, and a
mistyped code shows as a bundle that cannot be opened.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wakit.emulator.hkdf import hkdf
from wakit.emulator.signal.curve import KeyPair
from wakit.errors import LinkingFailed

_ALPHABET = frozenset("123456789ABCDEFGHJKLMNPQRSTVWXYZ")
#: whatsmeow and WhatsApp Web use the same count.
_ROUNDS = 2 << 16


def normalise(code: str) -> str:
    """
    Return the eight characters of a pairing code as a person may have typed it.

    Raises:
        LinkingFailed: Not eight characters of the alphabet.
    """
    plain = code.replace("-", "").replace(" ", "").upper()
    if len(plain) != 8 or not _ALPHABET.issuperset(plain):
        msg = f"{code[:20]!r} is not a pairing code. It has eight characters, as in FKPW-H7ER."
        raise LinkingFailed(msg)
    return plain


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyBundle:
    """What the companion proves and shares once both know the code."""

    companion_identity: bytes
    adv_secret: bytes


class PairingExchange:
    """One attempt to link with a typed code."""

    def __init__(self, code: str, identity: KeyPair, wrapped_companion_ephemeral: bytes) -> None:
        self._code = normalise(code)
        self._identity = identity
        self._ephemeral = KeyPair.generate()
        self._companion_ephemeral = _crypt(self._code, wrapped_companion_ephemeral[:48], wrapped_companion_ephemeral[48:80])

    def hello(self) -> bytes:
        """Return the phone's own ephemeral key, hidden under the code."""
        header = os.urandom(48)
        return header + _crypt(self._code, header, self._ephemeral.public)

    def open_bundle(self, wrapped: bytes) -> KeyBundle:
        """
        Open the companion's bundle and derive the secret that seals its device identity.

        Raises:
            LinkingFailed: The code was mistyped, or the bundle is for another phone.
        """
        shared = self._ephemeral.agree(self._companion_ephemeral)
        key = hkdf(shared, 32, info=b"link_code_pairing_key_bundle_encryption_key", salt=wrapped[:32])
        try:
            bundle = AESGCM(key).decrypt(wrapped[32:44], wrapped[44:], None)
        except InvalidTag as exc:
            msg = "The pairing code is wrong. Check the eight characters and type them again."
            raise LinkingFailed(msg) from exc
        companion, primary, randomness = bundle[:32], bundle[32:64], bundle[64:]
        if primary != self._identity.public:
            msg = "This pairing code belongs to another phone number. Ask for a code for this number."
            raise LinkingFailed(msg)
        secret_input = shared + self._identity.agree(companion) + randomness
        return KeyBundle(companion_identity=companion, adv_secret=hkdf(secret_input, 32, info=b"adv_secret"))


def _crypt(code: str, header: bytes, text: bytes) -> bytes:
    key = hashlib.pbkdf2_hmac("sha256", code.encode(), header[:32], _ROUNDS, 32)
    stream = Cipher(algorithms.AES(key), modes.CTR(header[32:48])).encryptor()
    return stream.update(text) + stream.finalize()
