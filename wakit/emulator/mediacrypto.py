"""
How WhatsApp encrypts files: keys per kind, AES-CBC, a short MAC, two hashes.

A file is encrypted once, uploaded once, and its random key travels inside the
messages. The kind of file goes into the key derivation, so a picture cannot be
passed off as a document.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from enum import Enum

from wakit.emulator.hkdf import hkdf
from wakit.emulator.signal import cipher
from wakit.errors import MediaFailed

_MAC = 10


class MediaKind(Enum):
    """A kind of file: its name on the media host, and what its keys are derived with."""

    IMAGE = ("image", b"WhatsApp Image Keys")
    STICKER = ("sticker", b"WhatsApp Image Keys")
    VIDEO = ("video", b"WhatsApp Video Keys")
    AUDIO = ("audio", b"WhatsApp Audio Keys")
    DOCUMENT = ("document", b"WhatsApp Document Keys")
    HISTORY = ("md-msg-hist", b"WhatsApp History Keys")
    APP_STATE = ("md-app-state", b"WhatsApp App State Keys")

    @property
    def path(self) -> str:
        """The name on the media host."""
        return self.value[0]

    @property
    def info(self) -> bytes:
        """What goes into the key derivation."""
        return self.value[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptedFile:
    """A file as it is uploaded, and what its receivers must know."""

    data: bytes
    media_key: bytes
    file_sha256: bytes
    file_enc_sha256: bytes
    file_length: int


def encrypt_file(kind: MediaKind, plain: bytes, *, media_key: bytes | None = None) -> EncryptedFile:
    """Encrypt a file with a new key, or with *media_key*."""
    media_key = media_key or os.urandom(32)
    iv, key, mac_key = _keys(kind, media_key)
    ciphertext = cipher.encrypt(key, iv, plain)
    data = ciphertext + _mac(mac_key, iv, ciphertext)
    return EncryptedFile(
        data=data,
        media_key=media_key,
        file_sha256=hashlib.sha256(plain).digest(),
        file_enc_sha256=hashlib.sha256(data).digest(),
        file_length=len(plain),
    )


def decrypt_file(kind: MediaKind, data: bytes, media_key: bytes, *, file_sha256: bytes | None = None) -> bytes:
    """
    Open a downloaded file.

    Raises:
        MediaFailed: The file was changed, or the key is of another file or kind.
    """
    iv, key, mac_key = _keys(kind, media_key)
    ciphertext, mac = data[:-_MAC], data[-_MAC:]
    if not hmac.compare_digest(mac, _mac(mac_key, iv, ciphertext)):
        msg = f"This {kind.path} file was damaged or encrypted with another key."
        raise MediaFailed(msg)
    plain = cipher.decrypt(key, iv, ciphertext)
    if file_sha256 is not None and hashlib.sha256(plain).digest() != file_sha256:
        msg = f"This {kind.path} file is not the one that the message names."
        raise MediaFailed(msg)
    return plain


def _keys(kind: MediaKind, media_key: bytes) -> tuple[bytes, bytes, bytes]:
    expanded = hkdf(media_key, 112, info=kind.info)
    return expanded[:16], expanded[16:48], expanded[48:80]


def _mac(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    return hmac.digest(key, iv + ciphertext, "sha256")[:_MAC]
