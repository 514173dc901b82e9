"""
Sender keys: one ciphertext for a whole group.

A member hands its chain and its signing key to every device of the group once,
over pairwise sessions; from then on each group message is encrypted only once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from wakit.emulator.hkdf import hkdf
from wakit.emulator.signal import cipher, wire
from wakit.emulator.signal.chain import Chain
from wakit.emulator.signal.curve import DJB, KeyPair, verify
from wakit.emulator.signal.faults import DecryptFailed, Reason

_SIGNATURE = 64
#: As in libsignal: how many keys of one sender are remembered.
_MAX_KEYS = 5


@dataclass(slots=True)
class SenderKey:
    """One member's key for one group; its own key also holds the private half."""

    id: int
    chain: Chain
    signing_public: bytes
    signing: KeyPair | None = None

    @classmethod
    def generate(cls) -> SenderKey:
        """Make the key with which this device writes to a group."""
        signing = KeyPair.generate()
        return cls(secrets.randbits(31), Chain(secrets.token_bytes(32)), signing.public, signing)

    def distribution(self) -> bytes:
        """Return the message that hands this key to another device, from now on."""
        body: bytes = wire.SenderKeyDistributionMessage(
            id=self.id, iteration=self.chain.index, chainKey=self.chain.key, signingKey=DJB + self.signing_public
        ).SerializeToString()
        return wire.VERSION + body

    def encrypt(self, plaintext: bytes) -> bytes:
        """Return a signed SenderKeyMessage."""
        assert self.signing is not None
        iteration, seed = self.chain.take()
        key, iv = _message_keys(seed)
        body: bytes = wire.SenderKeyMessage(
            id=self.id, iteration=iteration, ciphertext=cipher.encrypt(key, iv, plaintext)
        ).SerializeToString()
        return wire.VERSION + body + self.signing.sign(wire.VERSION + body)

    def dump(self) -> list[Any]:
        """Return the key as JSON values."""
        return [self.id, self.chain.dump(), self.signing_public.hex(), self.signing and self.signing.private.hex()]

    @classmethod
    def load(cls, dump: list[Any]) -> SenderKey:
        """Restore what ``dump`` returned."""
        signing = KeyPair.from_private(bytes.fromhex(dump[3])) if dump[3] else None
        return cls(dump[0], Chain.load(dump[1]), bytes.fromhex(dump[2]), signing)


@dataclass(slots=True)
class SenderKeys:
    """The keys that one member used in one group, newest last."""

    keys: list[SenderKey] = field(default_factory=list)

    def learn(self, distribution: bytes) -> None:
        """Remember the key of a distribution message."""
        message = wire.read(wire.SenderKeyDistributionMessage, distribution)
        public = message.signingKey[1:]
        # A second distribution of a known key comes with every retry: going back in its chain would
        # make messages readable twice.
        if any(
            key.id == message.id and key.signing_public == public and key.chain.index >= message.iteration for key in self.keys
        ):
            return
        self.keys = [key for key in self.keys if key.id != message.id][1 - _MAX_KEYS :]
        self.keys.append(SenderKey(message.id, Chain(message.chainKey, message.iteration), public))

    def decrypt(self, serialised: bytes) -> bytes:
        """
        Open a signed SenderKeyMessage.

        Raises:
            DecryptFailed: The key is not known, or the message was read before or is forged.
        """
        signed, signature = serialised[:-_SIGNATURE], serialised[-_SIGNATURE:]
        message = wire.read(wire.SenderKeyMessage, signed)
        sender = next((key for key in self.keys if key.id == message.id), None)
        if sender is None:
            raise DecryptFailed(Reason.NO_SESSION)
        if not verify(sender.signing_public, signed, signature):
            raise DecryptFailed(Reason.CORRUPT)
        chain, seed = sender.chain.advanced(message.iteration)
        key, iv = _message_keys(seed)
        try:
            plaintext = cipher.decrypt(key, iv, message.ciphertext)
        except ValueError as exc:
            raise DecryptFailed(Reason.CORRUPT) from exc
        sender.chain = chain
        return plaintext


def _message_keys(seed: bytes) -> tuple[bytes, bytes]:
    derived = hkdf(seed, 48, info=b"WhisperGroup")
    return derived[16:], derived[:16]
