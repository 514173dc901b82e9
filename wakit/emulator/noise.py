"""
The server's side of Noise_XX_25519_AESGCM_SHA256, and the frames below it.

A client writes ``WA`` and two version bytes once; then both directions are
frames of a 3-byte big-endian length and a payload. The client proves nothing
here but the possession of its static key; the server proves itself with a
chain of two certificates that ends in the root key which the client library
was told to trust. The pattern name is exactly 32 bytes long, so it is hash,
salt and key at the start without being hashed.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError

from wakit.emulator.hkdf import hkdf
from wakit.emulator.signal.curve import KeyPair
from wakit.errors import WakitError
from wakit.paths import read_private, write_private
from wakit.proto import load

wa6_pb = load("waWa6.WAWebProtobufsWa6_pb2")
cert_pb = load("waCert.WACert_pb2")

_PATTERN = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"
_HEADER = b"WA\x06\x03"
_ROUTING = b"ED\x00\x01"
_YEAR = 365 * 24 * 3600
#: Serial of the root; the clients have it built in.
_ROOT_SERIAL = 0


class HandshakeFailed(WakitError):
    """The client did not complete the Noise handshake."""


class Frames:
    """Cuts the bytes of one direction into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._started = False

    def feed(self, data: bytes) -> list[bytes]:
        """
        Take some bytes and return the frames that they complete.

        Raises:
            HandshakeFailed: The first bytes are not those of a WhatsApp client.
        """
        self._buffer += data
        if not self._started and not self._start():
            return []
        frames = []
        while len(self._buffer) >= 3 and len(self._buffer) >= (end := 3 + int.from_bytes(self._buffer[:3], "big")):
            frames.append(bytes(self._buffer[3:end]))
            del self._buffer[:end]
        return frames

    def _start(self) -> bool:
        """Skip the header, and the routing hint that some clients put before it; false while they are not complete."""
        skip = 0
        if self._buffer.startswith(_ROUTING):
            skip = 7 + int.from_bytes(self._buffer[4:7], "big") if len(self._buffer) >= 7 else len(self._buffer)
        header = bytes(self._buffer[skip : skip + len(_HEADER)])
        if not (_HEADER.startswith(header) or _ROUTING.startswith(self._buffer[:4])):
            msg = f"A client started with {header!r} instead of {_HEADER!r}."
            raise HandshakeFailed(msg)
        if header != _HEADER:
            return False
        del self._buffer[: skip + len(_HEADER)]
        self._started = True
        return True


def frame(payload: bytes) -> bytes:
    """Return *payload* with its length before it."""
    return len(payload).to_bytes(3, "big") + payload


class Cipher:
    """One direction of an established connection."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)
        self._count = 0

    def _iv(self) -> bytes:
        self._count += 1
        return bytes(8) + (self._count - 1).to_bytes(4, "big")

    def seal(self, plain: bytes) -> bytes:
        """Encrypt the next frame."""
        return self._key.encrypt(self._iv(), plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt the next frame."""
        return self._key.decrypt(self._iv(), sealed, None)


@dataclass(frozen=True, kw_only=True)
class Session:
    """What a completed handshake leaves."""

    incoming: Cipher
    outgoing: Cipher
    #: The client's static key: which device it is.
    client: bytes
    #: Serialised ClientPayload.
    payload: bytes


class _Symmetric:
    """The running hash, salt and key of a handshake."""

    def __init__(self) -> None:
        self.hash = self.salt = self.key = _PATTERN
        self._count = 0
        self.mix_hash(_HEADER)

    def mix_hash(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, secret: bytes) -> None:
        keys = hkdf(secret, 64, info=b"", salt=self.salt)
        self.salt, self.key = keys[:32], keys[32:]
        self._count = 0

    def encrypt(self, plain: bytes) -> bytes:
        sealed = AESGCM(self.key).encrypt(self._iv(), plain, self.hash)
        self.mix_hash(sealed)
        return sealed

    def decrypt(self, sealed: bytes) -> bytes:
        plain = AESGCM(self.key).decrypt(self._iv(), sealed, self.hash)
        self.mix_hash(sealed)
        return plain

    def _iv(self) -> bytes:
        self._count += 1
        return bytes(8) + (self._count - 1).to_bytes(4, "big")

    def split(self) -> tuple[Cipher, Cipher]:
        keys = hkdf(b"", 64, info=b"", salt=self.salt)
        return Cipher(keys[:32]), Cipher(keys[32:])


class Authority:
    """The keys by which clients know this network: root, intermediate and the server's own."""

    def __init__(self, root: KeyPair, intermediate: KeyPair, server: KeyPair) -> None:
        self.root = root
        self.server = server
        self._intermediate = intermediate
        self.chain = self._certify()

    @classmethod
    def open(cls, path: Path) -> Authority:
        """Return the authority kept at *path*, or make it and keep it there."""
        names = ("root", "intermediate", "server")
        if not path.exists():
            keys = {name: KeyPair.generate().private.hex() for name in names}
            write_private(path, json.dumps(keys).encode())
        kept = json.loads(read_private(path))
        return cls(*(KeyPair.from_private(bytes.fromhex(kept[name])) for name in names))

    def _certify(self) -> bytes:
        intermediate = _certificate(self.root, self._intermediate.public, serial=1, issuer=_ROOT_SERIAL)
        leaf = _certificate(self._intermediate, self.server.public, serial=2, issuer=1)
        chain: bytes = cert_pb.CertChain(leaf=leaf, intermediate=intermediate).SerializeToString()
        return chain


def _certificate(issuer_key: KeyPair, key: bytes, *, serial: int, issuer: int) -> object:
    now = int(time.time())
    details = cert_pb.CertChain.NoiseCertificate.Details(
        serial=serial, issuerSerial=issuer, key=key, notBefore=now - _YEAR, notAfter=now + _YEAR
    ).SerializeToString()
    return cert_pb.CertChain.NoiseCertificate(details=details, signature=issuer_key.sign(details))


class Handshake:
    """One handshake: ``hello`` answers the client's first frame, ``finish`` reads its second."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._ephemeral = KeyPair.generate()
        self._state = _Symmetric()

    def hello(self, first: bytes) -> bytes:
        """Return the server's answer to the client's hello."""
        client = _message(first).clientHello.ephemeral
        if len(client) != 32:
            msg = "The client's hello has no ephemeral key."
            raise HandshakeFailed(msg)
        state, ephemeral, server = self._state, self._ephemeral, self._authority.server
        state.mix_hash(client)
        state.mix_hash(ephemeral.public)
        state.mix_key(ephemeral.agree(client))
        static = state.encrypt(server.public)
        state.mix_key(server.agree(client))
        payload = state.encrypt(self._authority.chain)
        hello = wa6_pb.HandshakeMessage.ServerHello(ephemeral=ephemeral.public, static=static, payload=payload)
        answer: bytes = wa6_pb.HandshakeMessage(serverHello=hello).SerializeToString()
        return answer

    def finish(self, second: bytes) -> Session:
        """
        Read who the client is and return the established connection.

        Raises:
            HandshakeFailed: The frame cannot be decrypted.
        """
        message = _message(second).clientFinish
        try:
            client = self._state.decrypt(message.static)
            self._state.mix_key(self._ephemeral.agree(client))
            payload = self._state.decrypt(message.payload)
        except (InvalidTag, ValueError) as exc:
            msg = "The client's last handshake frame cannot be decrypted: it does not trust this network's key, or is no client."
            raise HandshakeFailed(msg) from exc
        incoming, outgoing = self._state.split()
        return Session(incoming=incoming, outgoing=outgoing, client=client, payload=payload)


def _message(data: bytes) -> Any:
    try:
        return wa6_pb.HandshakeMessage.FromString(data)
    except DecodeError as exc:
        msg = f"A handshake frame of {len(data)} bytes is not a handshake message."
        raise HandshakeFailed(msg) from exc
