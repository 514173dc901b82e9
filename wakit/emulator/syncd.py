"""
App state (syncd): settings and contact names that all devices of an account share.

A collection is a set of encrypted records under a homomorphic hash. Each patch
proves with two MACs that it leads from the known state to the next; a client
that computes another hash refuses everything that follows, so this is bit for
bit what the official clients do.
"""

from __future__ import annotations

import hmac
import json
import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wakit.emulator.hkdf import hkdf
from wakit.emulator.schema import message_classes
from wakit.emulator.signal import cipher
from wakit.errors import CorruptFile
from wakit.proto import load

server_pb = load("waServerSync.WAServerSync_pb2")
_ACTIONS = message_classes(
    "wakit.syncaction",
    {
        "ContactAction": [
            ("fullName", 1, "string"),
            ("firstName", 2, "string"),
            ("lidJID", 3, "string"),
            ("saveOnPrimaryAddressbook", 4, "bool"),
        ],
        "MuteAction": [("muted", 1, "bool"), ("muteEndTimestamp", 2, "int64")],
        "PinAction": [("pinned", 1, "bool")],
        "PushNameSetting": [("name", 1, "string")],
        "ArchiveChatAction": [("archived", 1, "bool")],
        "SyncActionValue": [
            ("timestamp", 1, "int64"),
            ("contactAction", 3, "ContactAction"),
            ("muteAction", 4, "MuteAction"),
            ("pinAction", 5, "PinAction"),
            ("pushNameSetting", 7, "PushNameSetting"),
            ("archiveChatAction", 17, "ArchiveChatAction"),
        ],
        "SyncActionData": [
            ("index", 1, "bytes"),
            ("value", 2, "SyncActionValue"),
            ("padding", 3, "bytes"),
            ("version", 4, "int32"),
        ],
    },
)
ContactAction = _ACTIONS["ContactAction"]
PushNameSetting = _ACTIONS["PushNameSetting"]
SyncActionValue = _ACTIONS["SyncActionValue"]
SyncActionData = _ACTIONS["SyncActionData"]

_MAC = 32
_SET = 0
_WORDS = struct.Struct("<64H")


class CollectionName(StrEnum):
    """The five collections of an account, most urgent first."""

    CRITICAL_BLOCK = "critical_block"
    CRITICAL_UNBLOCK_LOW = "critical_unblock_low"
    REGULAR_HIGH = "regular_high"
    REGULAR = "regular"
    REGULAR_LOW = "regular_low"


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncKey:
    """The key under which records are encrypted; the phone shares it with its companions."""

    id: bytes
    data: bytes

    @classmethod
    def generate(cls) -> SyncKey:
        """Make a new key."""
        return cls(id=b"\x00\x00" + os.urandom(4), data=os.urandom(32))

    def expanded(self) -> _Keys:
        """Derive the five keys that are really used."""
        parts = hkdf(self.data, 160, info=b"WhatsApp Mutation Keys")
        return _Keys(*(parts[at : at + 32] for at in range(0, 160, 32)))


@dataclass(frozen=True, slots=True)
class _Keys:
    index: bytes
    value: bytes
    value_mac: bytes
    snapshot_mac: bytes
    patch_mac: bytes


@dataclass(frozen=True, slots=True)
class Change:
    """One setting: its index such as ``["setting_pushName"]`` and its SyncActionValue."""

    index: list[str]
    value: Any
    version: int = 1


@dataclass(slots=True)
class Collection:
    """One collection as this device knows it."""

    name: str
    version: int = 0
    hash: bytes = bytes(128)
    #: The MAC of the current value of each record, by the MAC of its index.
    values: dict[bytes, bytes] = field(default_factory=dict)

    def patch(self, key: SyncKey, changes: Sequence[Change]) -> tuple[bytes, Collection]:
        """Return the serialised patch that makes *changes*, and the collection after it."""
        keys = key.expanded()
        mutations = [_mutation(key, keys, change) for change in changes]
        after = self._after(mutations)
        patch = server_pb.SyncdPatch(
            version=server_pb.SyncdVersion(version=after.version),
            mutations=mutations,
            snapshotMAC=after.snapshot_mac(keys),
            keyID=server_pb.KeyId(ID=key.id),
        )
        patch.patchMAC = _patch_mac(patch, keys, after)
        return patch.SerializeToString(), after

    def applied(self, key: SyncKey, serialised: bytes) -> tuple[list[Change], Collection]:
        """
        Return what a patch of another device changes, and the collection after it.

        Raises:
            CorruptFile: The patch does not lead on from this state, or was made with another key.
        """
        keys, patch = key.expanded(), server_pb.SyncdPatch.FromString(serialised)
        after = self._after(list(patch.mutations))
        proofs = (patch.snapshotMAC == after.snapshot_mac(keys), patch.patchMAC == _patch_mac(patch, keys, after))
        if key.id != patch.keyID.ID or not all(proofs):
            msg = f"Patch {after.version} of app state {self.name} does not follow from what the phone knows."
            raise CorruptFile(msg)
        return [_read(keys, mutation) for mutation in patch.mutations if mutation.operation == _SET], after

    def snapshot_mac(self, keys: _Keys) -> bytes:
        """Return the proof that this is the state after this version."""
        return hmac.digest(keys.snapshot_mac, self.hash + _number(self.version) + self.name.encode(), "sha256")

    def _after(self, mutations: list[Any]) -> Collection:
        added, removed, values = [], [], dict(self.values)
        for mutation in mutations:
            index, value = mutation.record.index.blob, mutation.record.value.blob[-_MAC:]
            if index in values:
                removed.append(values.pop(index))
            if mutation.operation == _SET:
                added.append(value)
                values[index] = value
        return Collection(self.name, self.version + 1, lt_hash(self.hash, removed, added), values)

    def dump(self) -> dict[str, Any]:
        """Return the collection as JSON values."""
        values = {index.hex(): value.hex() for index, value in self.values.items()}
        return {"name": self.name, "version": self.version, "hash": self.hash.hex(), "values": values}

    @classmethod
    def load(cls, dump: dict[str, Any]) -> Collection:
        """Restore what ``dump`` returned."""
        values = {bytes.fromhex(index): bytes.fromhex(value) for index, value in dump["values"].items()}
        return cls(dump["name"], dump["version"], bytes.fromhex(dump["hash"]), values)


def lt_hash(base: bytes, removed: Sequence[bytes], added: Sequence[bytes]) -> bytes:
    """Return the summation hash after taking records out and putting others in, in any order."""
    words = list(_WORDS.unpack(base))
    for sign, records in ((-1, removed), (1, added)):
        for record in records:
            for at, word in enumerate(_WORDS.unpack(hkdf(record, 128, info=b"WhatsApp Patch Integrity"))):
                words[at] = (words[at] + sign * word) & 0xFFFF
    return _WORDS.pack(*words)


def _mutation(key: SyncKey, keys: _Keys, change: Change) -> Any:
    index = json.dumps(change.index, separators=(",", ":"), ensure_ascii=False).encode()
    data = SyncActionData(index=index, value=change.value, padding=b"", version=change.version).SerializeToString()
    iv = os.urandom(16)
    sealed = iv + cipher.encrypt(keys.value, iv, data)
    record = server_pb.SyncdRecord(
        index=server_pb.SyncdIndex(blob=hmac.digest(keys.index, index, "sha256")),
        value=server_pb.SyncdValue(blob=sealed + _value_mac(keys, _SET, sealed, key.id)),
        keyID=server_pb.KeyId(ID=key.id),
    )
    return server_pb.SyncdMutation(operation=_SET, record=record)


def _read(keys: _Keys, mutation: Any) -> Change:
    sealed = mutation.record.value.blob[:-_MAC]
    data = SyncActionData.FromString(cipher.decrypt(keys.value, sealed[:16], sealed[16:]))
    return Change(json.loads(data.index), data.value, data.version)


def _value_mac(keys: _Keys, operation: int, sealed: bytes, key_id: bytes) -> bytes:
    message = bytes([operation + 1]) + key_id + sealed + _number(len(key_id) + 1)
    return hmac.digest(keys.value_mac, message, "sha512")[:_MAC]


def _patch_mac(patch: Any, keys: _Keys, after: Collection) -> bytes:
    values = b"".join(mutation.record.value.blob[-_MAC:] for mutation in patch.mutations)
    message = patch.snapshotMAC + values + _number(after.version) + after.name.encode()
    return hmac.digest(keys.patch_mac, message, "sha256")


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")
