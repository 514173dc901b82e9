"""
HKDF-SHA256 in one call.

``cryptography`` has HKDF too, at five times the cost per call; a ratchet
derives keys for every message, and a phone must send hundreds a second.
"""

from __future__ import annotations

import hmac


def hkdf(secret: bytes, length: int, *, info: bytes, salt: bytes = b"") -> bytes:
    """Derive *length* bytes from *secret* (RFC 5869)."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    block, output, counter = b"", b"", 0
    while len(output) < length:
        counter += 1
        block = hmac.digest(extracted, block + info + bytes([counter]), "sha256")
        output += block
    return output[:length]
