"""
One double-ratchet session with one device, and how it starts (X3DH).

Decryption computes everything first and changes the session only once the MAC
is right: a forged or misdirected message must not break a working session.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import Any

from wakit.emulator.hkdf import hkdf
from wakit.emulator.signal import cipher, wire
from wakit.emulator.signal.chain import Chain
from wakit.emulator.signal.curve import DJB, KeyPair
from wakit.emulator.signal.faults import DecryptFailed, Reason

_MAC = 8
#: As in libsignal: how many of the other side's ratchet keys are remembered.
_MAX_RECEIVING = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """The prekeys a session was started with; sent along until the other side answers."""

    prekey_id: int | None
    signed_prekey_id: int
    #: Public ephemeral key of the initiator.
    base_key: bytes


@dataclass(kw_only=True, slots=True)
class Session:
    """The state of one conversation between two devices."""

    local_identity: bytes
    remote_identity: bytes
    remote_registration: int
    #: Names the session: the initiator's ephemeral public key.
    base_key: bytes
    root: bytes
    ratchet: KeyPair
    sending: Chain
    previous_counter: int = 0
    #: By the other side's ratchet key, oldest first.
    receiving: dict[bytes, Chain] = field(default_factory=dict)
    pending: Pending | None = None

    def encrypt(self, plaintext: bytes) -> bytes:
        """Return a serialised SignalMessage."""
        counter, seed = self.sending.take()
        key, mac_key, iv = _message_keys(seed)
        body: bytes = wire.SignalMessage(
            ratchetKey=DJB + self.ratchet.public,
            counter=counter,
            previousCounter=self.previous_counter,
            ciphertext=cipher.encrypt(key, iv, plaintext),
        ).SerializeToString()
        return wire.VERSION + body + _mac(mac_key, self.local_identity, self.remote_identity, body)

    def decrypt(self, serialised: bytes) -> bytes:
        """
        Open a serialised SignalMessage.

        Raises:
            DecryptFailed: It is not for this session, or was read before.
        """
        body, mac = serialised[1:-_MAC], serialised[-_MAC:]
        message = wire.read(wire.SignalMessage, serialised[:-_MAC])
        theirs = message.ratchetKey[1:]
        root, chain = self._chain(theirs)
        chain, seed = chain.advanced(message.counter)
        key, mac_key, iv = _message_keys(seed)
        if not hmac.compare_digest(mac, _mac(mac_key, self.remote_identity, self.local_identity, body)):
            raise DecryptFailed(Reason.CORRUPT)
        try:
            plaintext = cipher.decrypt(key, iv, message.ciphertext)
        except ValueError as exc:
            raise DecryptFailed(Reason.CORRUPT) from exc
        if root is not None:
            self._turn(root, theirs)
        self.receiving[theirs] = chain
        self.pending = None
        return plaintext

    def _chain(self, theirs: bytes) -> tuple[bytes | None, Chain]:
        if theirs in self.receiving:
            return None, self.receiving[theirs]
        root, key = _next_root(self.root, _agree(self.ratchet, theirs))
        return root, Chain(key)

    def _turn(self, root: bytes, theirs: bytes) -> None:
        ratchet = KeyPair.generate()
        self.root, key = _next_root(root, ratchet.agree(theirs))
        self.ratchet = ratchet
        self.previous_counter = max(self.sending.index - 1, 0)
        self.sending = Chain(key)
        while len(self.receiving) >= _MAX_RECEIVING:
            del self.receiving[next(iter(self.receiving))]

    def dump(self) -> dict[str, Any]:
        """Return the session as JSON values."""
        pending = self.pending
        return {
            "local": self.local_identity.hex(),
            "remote": self.remote_identity.hex(),
            "registration": self.remote_registration,
            "base": self.base_key.hex(),
            "root": self.root.hex(),
            "ratchet": self.ratchet.private.hex(),
            "sending": self.sending.dump(),
            "previous": self.previous_counter,
            "receiving": {key.hex(): chain.dump() for key, chain in self.receiving.items()},
            "pending": None if pending is None else [pending.prekey_id, pending.signed_prekey_id, pending.base_key.hex()],
        }

    @classmethod
    def load(cls, dump: dict[str, Any]) -> Session:
        """Restore what ``dump`` returned."""
        pending = dump["pending"]
        return cls(
            local_identity=bytes.fromhex(dump["local"]),
            remote_identity=bytes.fromhex(dump["remote"]),
            remote_registration=dump["registration"],
            base_key=bytes.fromhex(dump["base"]),
            root=bytes.fromhex(dump["root"]),
            ratchet=KeyPair.from_private(bytes.fromhex(dump["ratchet"])),
            sending=Chain.load(dump["sending"]),
            previous_counter=dump["previous"],
            receiving={bytes.fromhex(key): Chain.load(chain) for key, chain in dump["receiving"].items()},
            pending=pending and Pending(prekey_id=pending[0], signed_prekey_id=pending[1], base_key=bytes.fromhex(pending[2])),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PreKeyBundle:
    """What a device publishes so that others can write to it first."""

    registration_id: int
    identity: bytes
    signed_prekey_id: int
    signed_prekey: bytes
    signature: bytes
    prekey_id: int | None = None
    prekey: bytes | None = None


def start(identity: KeyPair, bundle: PreKeyBundle) -> Session:
    """Begin a session with the device that published *bundle*."""
    base, ratchet = KeyPair.generate(), KeyPair.generate()
    agreed = [
        identity.agree(bundle.signed_prekey),
        base.agree(bundle.identity),
        base.agree(bundle.signed_prekey),
        *([base.agree(bundle.prekey)] if bundle.prekey is not None else []),
    ]
    root, first = _master(agreed)
    root, sending = _next_root(root, ratchet.agree(bundle.signed_prekey))
    return Session(
        local_identity=identity.public,
        remote_identity=bundle.identity,
        remote_registration=bundle.registration_id,
        base_key=base.public,
        root=root,
        ratchet=ratchet,
        sending=Chain(sending),
        receiving={bundle.signed_prekey: Chain(first)},
        pending=Pending(prekey_id=bundle.prekey_id, signed_prekey_id=bundle.signed_prekey_id, base_key=base.public),
    )


def accept(identity: KeyPair, signed_prekey: KeyPair, prekey: KeyPair | None, first: Any) -> Session:
    """
    Begin the session that somebody's PreKeySignalMessage *first* opens.

    Raises:
        DecryptFailed: A key in it is none.
    """
    remote, base = first.identityKey[1:], first.baseKey[1:]
    agreed = [
        _agree(signed_prekey, remote),
        _agree(identity, base),
        _agree(signed_prekey, base),
        *([_agree(prekey, base)] if prekey is not None else []),
    ]
    root, sending = _master(agreed)
    return Session(
        local_identity=identity.public,
        remote_identity=remote,
        remote_registration=first.registrationId,
        base_key=base,
        root=root,
        ratchet=signed_prekey,
        sending=Chain(sending),
    )


def _agree(pair: KeyPair, theirs: bytes) -> bytes:
    try:
        return pair.agree(theirs)
    except ValueError as exc:
        raise DecryptFailed(Reason.CORRUPT) from exc


def _master(agreed: list[bytes]) -> tuple[bytes, bytes]:
    derived = hkdf(b"\xff" * 32 + b"".join(agreed), 64, info=b"WhisperText")
    return derived[:32], derived[32:]


def _next_root(root: bytes, agreed: bytes) -> tuple[bytes, bytes]:
    derived = hkdf(agreed, 64, info=b"WhisperRatchet", salt=root)
    return derived[:32], derived[32:]


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    derived = hkdf(seed, 80, info=b"WhisperMessageKeys")
    return derived[:32], derived[32:64], derived[64:]


def _mac(key: bytes, sender: bytes, receiver: bytes, body: bytes) -> bytes:
    return hmac.digest(key, DJB + sender + DJB + receiver + wire.VERSION + body, "sha256")[:_MAC]
