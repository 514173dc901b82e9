"""
One device of the Signal protocol: its keys, and its sessions with other devices.

Addresses are LIDs with a device, as in the official clients since 2025; the
caller translates phone-number addresses before it comes here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wakit.emulator.signal import session as ratchet
from wakit.emulator.signal import wire
from wakit.emulator.signal.curve import DJB, KeyPair, verify
from wakit.emulator.signal.faults import DecryptFailed, Reason
from wakit.emulator.signal.prekeys import PreKeys
from wakit.emulator.signal.sender_keys import SenderKey, SenderKeys
from wakit.emulator.signal.session import PreKeyBundle, Session
from wakit.ids import JID

#: Sessions remembered per device: both sides may have started one at the same time.
_MAX_SESSIONS = 10


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """An encrypted message and how WhatsApp names its kind: ``pkmsg`` or ``msg``."""

    kind: str
    data: bytes


class Endpoint:
    """A device that encrypts for, and decrypts from, other devices."""

    def __init__(self, identity: KeyPair, registration_id: int, prekeys: PreKeys) -> None:
        self.identity = identity
        self.registration_id = registration_id
        self.prekeys = prekeys
        #: Newest first.
        self._sessions: dict[JID, list[Session]] = {}
        self._own_sender_keys: dict[JID, SenderKey] = {}
        self._sender_keys: dict[tuple[JID, JID], SenderKeys] = {}

    @classmethod
    def generate(cls) -> Endpoint:
        """Make a device with new keys."""
        identity = KeyPair.generate()
        return cls(identity, secrets.randbelow(16380) + 1, PreKeys.generate(identity))

    # Pairwise sessions

    def has_session(self, device: JID) -> bool:
        """Tell whether *device* can be written to without its prekeys."""
        return device in self._sessions

    def sessions(self) -> list[JID]:
        """Return the devices that there is a session with."""
        return list(self._sessions)

    def identity_of(self, device: JID) -> bytes:
        """Return the public identity key of a device there is a session with."""
        return self._sessions[device][0].remote_identity

    def start(self, device: JID, bundle: PreKeyBundle) -> None:
        """
        Begin a new session with *device*; earlier ones still decrypt what is under way.

        Raises:
            DecryptFailed: The bundle is not signed by its own identity.
        """
        if not verify(bundle.identity, DJB + bundle.signed_prekey, bundle.signature):
            raise DecryptFailed(Reason.CORRUPT, str(device))
        self._remember(device, ratchet.start(self.identity, bundle))

    def forget(self, devices: Iterable[JID]) -> None:
        """Drop every session with these devices."""
        for device in list(devices):
            self._sessions.pop(device, None)

    def encrypt(self, device: JID, plaintext: bytes) -> Ciphertext:
        """Encrypt for a device there is a session with."""
        session = self._sessions[device][0]
        message = session.encrypt(plaintext)
        pending = session.pending
        if pending is None:
            return Ciphertext("msg", message)
        envelope = wire.PreKeySignalMessage(
            registrationId=self.registration_id,
            signedPreKeyId=pending.signed_prekey_id,
            baseKey=DJB + pending.base_key,
            identityKey=DJB + self.identity.public,
            message=message,
        )
        if pending.prekey_id is not None:
            envelope.preKeyId = pending.prekey_id
        return Ciphertext("pkmsg", wire.VERSION + envelope.SerializeToString())

    def decrypt(self, device: JID, ciphertext: Ciphertext) -> bytes:
        """
        Open what *device* sent.

        Raises:
            DecryptFailed: No session of ours opens it.
        """
        if ciphertext.kind == "pkmsg":
            return self._decrypt_first(device, ciphertext.data)
        return self._decrypt(device, ciphertext.data)

    def _decrypt_first(self, device: JID, data: bytes) -> bytes:
        first = wire.read(wire.PreKeySignalMessage, data)
        base = first.baseKey[1:]
        if any(session.base_key == base for session in self._sessions.get(device, ())):
            return self._decrypt(device, first.message)
        number = first.preKeyId if first.HasField("preKeyId") else None
        prekey = None if number is None else self.prekeys.one_time.get(number)
        if first.signedPreKeyId != self.prekeys.signed_id or (number is not None and prekey is None):
            raise DecryptFailed(Reason.NO_PREKEY, str(device))
        session = ratchet.accept(self.identity, self.prekeys.signed, prekey, first)
        plaintext = session.decrypt(first.message)
        self._remember(device, session)
        if number is not None:
            del self.prekeys.one_time[number]
        return plaintext

    def _decrypt(self, device: JID, data: bytes) -> bytes:
        sessions = self._sessions.get(device)
        if not sessions:
            raise DecryptFailed(Reason.NO_SESSION, str(device))
        failed = DecryptFailed(Reason.CORRUPT, str(device))
        for position, session in enumerate(sessions):
            try:
                plaintext = session.decrypt(data)
            except DecryptFailed as exc:
                # A session that knows the sender's ratchet key says more than one that does not.
                failed = failed if exc.reason is Reason.CORRUPT else exc
                continue
            sessions.insert(0, sessions.pop(position))
            return plaintext
        raise failed

    def _remember(self, device: JID, session: Session) -> None:
        self._sessions[device] = [session, *self._sessions.get(device, [])][:_MAX_SESSIONS]

    # Groups

    def group_key(self, group: JID) -> SenderKey:
        """Return the key with which this device writes to *group*, made on first use."""
        if group not in self._own_sender_keys:
            self._own_sender_keys[group] = SenderKey.generate()
        return self._own_sender_keys[group]

    def renew_group_key(self, group: JID) -> None:
        """Write to *group* with a new key from now on: somebody left, or a device of a member did."""
        self._own_sender_keys.pop(group, None)

    def learn_group_key(self, group: JID, device: JID, distribution: bytes) -> None:
        """Remember the key with which *device* writes to *group*."""
        self._sender_keys.setdefault((group, device), SenderKeys()).learn(distribution)

    def decrypt_group(self, group: JID, device: JID, data: bytes) -> bytes:
        """
        Open what *device* wrote to *group*.

        Raises:
            DecryptFailed: Its key is not known here, or the message was read before.
        """
        known = self._sender_keys.get((group, device))
        if known is None:
            raise DecryptFailed(Reason.NO_SESSION, str(device))
        return known.decrypt(data)

    # State

    def dump(self) -> dict[str, Any]:
        """Return the whole device as JSON values."""
        return {
            "identity": self.identity.private.hex(),
            "registration": self.registration_id,
            "prekeys": self.prekeys.dump(),
            "sessions": {str(device): [one.dump() for one in several] for device, several in self._sessions.items()},
            "own_sender_keys": {str(group): key.dump() for group, key in self._own_sender_keys.items()},
            "sender_keys": [
                [str(group), str(device), [key.dump() for key in known.keys]]
                for (group, device), known in self._sender_keys.items()
            ],
        }

    @classmethod
    def load(cls, dump: dict[str, Any]) -> Endpoint:
        """Restore what ``dump`` returned."""
        identity = KeyPair.from_private(bytes.fromhex(dump["identity"]))
        endpoint = cls(identity, dump["registration"], PreKeys.load(dump["prekeys"]))
        parse = JID.parse
        endpoint._sessions = {
            parse(device): [Session.load(one) for one in several] for device, several in dump["sessions"].items()
        }
        endpoint._own_sender_keys = {parse(group): SenderKey.load(key) for group, key in dump["own_sender_keys"].items()}
        endpoint._sender_keys = {
            (parse(group), parse(device)): SenderKeys([SenderKey.load(key) for key in keys])
            for group, device, keys in dump["sender_keys"]
        }
        return endpoint
