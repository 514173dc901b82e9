"""The Noise handshake, seen from a client that is written here from the protocol."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wakit.emulator.hkdf import hkdf
from wakit.emulator.noise import Authority, Cipher, Frames, Handshake, HandshakeFailed, Session, cert_pb, frame, wa6_pb
from wakit.emulator.signal.curve import KeyPair, verify

HEADER = b"WA\x06\x03"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(KeyPair.generate(), KeyPair.generate(), KeyPair.generate())


class Client:
    """The other side: XX with AES-GCM, the pattern name as the first hash, salt and key."""

    def __init__(self) -> None:
        self.static = KeyPair.generate()
        self.ephemeral = KeyPair.generate()
        self.hash = self.salt = self.key = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"
        self.count = 0
        self.mix(HEADER)

    def mix(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def mix_key(self, secret: bytes) -> None:
        keys = hkdf(secret, 64, info=b"", salt=self.salt)
        self.salt, self.key, self.count = keys[:32], keys[32:], 0

    def iv(self) -> bytes:
        self.count += 1
        return bytes(8) + (self.count - 1).to_bytes(4, "big")

    def seal(self, plain: bytes) -> bytes:
        sealed = AESGCM(self.key).encrypt(self.iv(), plain, self.hash)
        self.mix(sealed)
        return sealed

    def open(self, sealed: bytes) -> bytes:
        plain = AESGCM(self.key).decrypt(self.iv(), sealed, self.hash)
        self.mix(sealed)
        return plain

    def hello(self) -> bytes:
        self.mix(self.ephemeral.public)
        hello = wa6_pb.HandshakeMessage.ClientHello(ephemeral=self.ephemeral.public)
        return wa6_pb.HandshakeMessage(clientHello=hello).SerializeToString()

    def read(self, answer: bytes) -> tuple[bytes, bytes]:
        """Return the server's static key and its certificate chain."""
        hello = wa6_pb.HandshakeMessage.FromString(answer).serverHello
        self.server_ephemeral = hello.ephemeral
        self.mix(hello.ephemeral)
        self.mix_key(self.ephemeral.agree(hello.ephemeral))
        static = self.open(hello.static)
        self.mix_key(self.ephemeral.agree(static))
        return static, self.open(hello.payload)

    def finish(self, payload: bytes) -> bytes:
        static = self.seal(self.static.public)
        self.mix_key(self.static.agree(self.server_ephemeral))
        last = wa6_pb.HandshakeMessage.ClientFinish(static=static, payload=self.seal(payload))
        return wa6_pb.HandshakeMessage(clientFinish=last).SerializeToString()

    def split(self) -> tuple[Cipher, Cipher]:
        """Return the client's outgoing and incoming direction."""
        keys = hkdf(b"", 64, info=b"", salt=self.salt)
        return Cipher(keys[:32]), Cipher(keys[32:])


def shake_hands(authority: Authority, payload: bytes = b"payload") -> tuple[Client, Session]:
    client, server = Client(), Handshake(authority)
    client.read(server.hello(client.hello()))
    return client, server.finish(client.finish(payload))


def test_handshake_tells_who_the_client_is(authority: Authority) -> None:
    """After it the server has the client's key and payload, and both directions work."""
    client, session = shake_hands(authority)
    assert (session.client, session.payload) == (client.static.public, b"payload")
    outgoing, incoming = client.split()
    for number in range(3):
        assert session.incoming.open(outgoing.seal(b"up %d" % number)) == b"up %d" % number
        assert incoming.open(session.outgoing.seal(b"down %d" % number)) == b"down %d" % number


def test_chain_leads_from_the_root_to_the_servers_key(authority: Authority) -> None:
    """What the official clients check holds: serials, keys and both signatures."""
    client = Client()
    static, chain = client.read(Handshake(authority).hello(client.hello()))
    parsed = cert_pb.CertChain.FromString(chain)
    details = cert_pb.CertChain.NoiseCertificate.Details
    middle, leaf = (details.FromString(part.details) for part in (parsed.intermediate, parsed.leaf))
    assert verify(authority.root.public, parsed.intermediate.details, parsed.intermediate.signature)
    assert verify(middle.key, parsed.leaf.details, parsed.leaf.signature)
    assert (middle.issuerSerial, middle.serial, leaf.issuerSerial, leaf.key) == (0, 1, 1, static)


def test_client_that_cannot_finish_is_refused(authority: Authority) -> None:
    """A last frame under other keys, or no frame at all, is a typed error."""
    client, server = Client(), Handshake(authority)
    client.read(server.hello(client.hello()))
    client.mix(b"another transcript")
    with pytest.raises(HandshakeFailed, match="cannot be decrypted"):
        server.finish(client.finish(b"payload"))
    with pytest.raises(HandshakeFailed, match="ephemeral"):
        Handshake(authority).hello(b"")
    with pytest.raises(HandshakeFailed, match="not a handshake message"):
        Handshake(authority).hello(b"\xff\xff\xff")


def test_authority_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """The root that clients were told to trust is kept."""
    first = Authority.open(tmp_path / "noise.json")
    again = Authority.open(tmp_path / "noise.json")
    assert (first.root.public, first.server.public) == (again.root.public, again.server.public)
    assert (tmp_path / "noise.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_frames_are_cut_wherever_the_bytes_break(size: int) -> None:
    """Frames come out whole however the stream is split, with or without a routing hint before the header."""
    stream = b"ED\x00\x01\x00\x00\x03abc" + HEADER + frame(b"one") + frame(b"") + frame(b"x" * 70_000)
    frames = Frames()
    got = [part for at in range(0, len(stream), size) for part in frames.feed(stream[at : at + size])]
    assert got == [b"one", b"", b"x" * 70_000]


def test_stream_of_something_else_is_refused() -> None:
    """Who does not start like a client is no client."""
    with pytest.raises(HandshakeFailed, match="started with"):
        Frames().feed(b"GET / HTTP/1.1\r\n")
