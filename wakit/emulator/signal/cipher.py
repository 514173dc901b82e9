"""AES-CBC with PKCS#7, the only cipher of Signal sessions and WhatsApp media."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 16


def encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """Pad and encrypt."""
    pad = _BLOCK - len(plaintext) % _BLOCK
    engine = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return engine.update(plaintext + bytes([pad]) * pad) + engine.finalize()


def decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """
    Decrypt and unpad.

    Raises:
        ValueError: The length or the padding is wrong, so the key is not the right one.
    """
    engine = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    plaintext = engine.update(ciphertext) + engine.finalize()
    pad = plaintext[-1] if plaintext else 0
    if not 1 <= pad <= _BLOCK or not plaintext.endswith(bytes([pad]) * pad):
        msg = "wrong padding"
        raise ValueError(msg)
    return plaintext[:-pad]
