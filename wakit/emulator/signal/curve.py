"""
Curve25519 keys that agree and sign.

WhatsApp signs with the same X25519 keys it agrees with (XEdDSA). Clients put
the sign bit of the Edwards point into the top bit of the signature, which the
``xeddsa`` package knows nothing of, so both directions are adapted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import xeddsa
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

#: The type byte that libsignal puts before a public key.
DJB = b"\x05"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An X25519 key pair."""

    private: bytes
    public: bytes
    #: Kept because building it costs as much as an agreement.
    _key: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> KeyPair:
        """Make a new random pair."""
        return cls._of(X25519PrivateKey.generate())

    @classmethod
    def from_private(cls, private: bytes) -> KeyPair:
        """Restore a pair from its 32 private bytes."""
        return cls._of(X25519PrivateKey.from_private_bytes(private))

    @classmethod
    def _of(cls, key: X25519PrivateKey) -> KeyPair:
        return cls(key.private_bytes_raw(), key.public_key().public_bytes_raw(), key)

    def agree(self, public: bytes) -> bytes:
        """Return the secret shared with the owner of *public*."""
        return self._key.exchange(X25519PublicKey.from_public_bytes(public))

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte XEdDSA signature of *message*."""
        return xeddsa.ed25519_priv_sign(xeddsa.priv_force_sign(self.private, False), message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* of *message* was made by the owner of *public*."""
    if len(signature) != 64:
        return False
    sign_bit = bool(signature[63] & 0x80)
    plain = signature[:63] + bytes([signature[63] & 0x7F])
    return xeddsa.ed25519_verify(plain, xeddsa.curve25519_pub_to_ed25519_pub(public, sign_bit), message)
