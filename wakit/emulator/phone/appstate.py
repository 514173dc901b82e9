"""What this phone shares with its companions beside messages: push name, contact names, settings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.outgoing import Outgoing
from wakit.emulator.syncd import (
    Change,
    Collection,
    CollectionName,
    ContactAction,
    PushNameSetting,
    SyncActionValue,
    SyncKey,
)
from wakit.errors import SendFailed
from wakit.ids import JID
from wakit.proto import e2e_pb

#: As the official clients number these settings.
_VERSIONS = {"contact": 2, "setting_pushName": 1}
_ATTEMPTS = 5


class AppState:
    """The app state of this account, of which the phone holds the key."""

    def __init__(self, device: Device, outgoing: Outgoing) -> None:
        self._device = device
        self._outgoing = outgoing
        self._lock = asyncio.Lock()
        memory = device.memory.setdefault("app_state", {})
        self._memory: dict[str, Any] = memory
        self._collections = {name: Collection.load(dump) for name, dump in memory.get("collections", {}).items()}
        key = memory.get("key")
        self.key = SyncKey(id=bytes.fromhex(key[0]), data=bytes.fromhex(key[1])) if key else SyncKey.generate()
        memory["key"] = [self.key.id.hex(), self.key.data.hex()]

    def collection(self, name: CollectionName) -> Collection:
        """Return a collection as this phone knows it."""
        return self._collections.get(name, Collection(name))

    async def share_key(self, companion: JID) -> None:
        """Give one companion (LID with device) the key to the app state."""
        fingerprint = e2e_pb.AppStateSyncKeyFingerprint(rawID=1, currentIndex=0, deviceIndexes=[0, companion.device])
        data = e2e_pb.AppStateSyncKeyData(keyData=self.key.data, fingerprint=fingerprint, timestamp=int(time.time() * 1000))
        key = e2e_pb.AppStateSyncKey(keyID=e2e_pb.AppStateSyncKeyId(keyID=self.key.id), keyData=data)
        protocol = e2e_pb.ProtocolMessage(
            type=e2e_pb.ProtocolMessage.APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare=e2e_pb.AppStateSyncKeyShare(keys=[key])
        )
        await self._outgoing.send_peer(companion, e2e_pb.Message(protocolMessage=protocol))

    async def set_push_name(self, name: str) -> None:
        """Tell the companions the account's own name; without it they cannot send presence."""
        value = SyncActionValue(pushNameSetting=PushNameSetting(name=name))
        await self.change(CollectionName.CRITICAL_BLOCK, [_change(["setting_pushName"], value)])

    async def set_contacts(self, names: Mapping[JID, str]) -> None:
        """Tell the companions what this phone's address book calls people."""
        changes = []
        for jid, name in names.items():
            lid, phone = self._device.directory.lid(jid).bare, self._device.directory.phone(jid).bare
            action = ContactAction(fullName=name, firstName=name.split()[0], lidJID=str(lid), saveOnPrimaryAddressbook=True)
            changes.append(_change(["contact", str(phone)], SyncActionValue(contactAction=action)))
        await self.change(CollectionName.CRITICAL_UNBLOCK_LOW, changes)

    async def change(self, name: CollectionName, changes: Sequence[Change]) -> None:
        """
        Change settings of one collection, after taking in what companions changed meanwhile.

        Raises:
            SendFailed: Companions kept changing the same collection.
        """
        async with self._lock:
            for _ in range(_ATTEMPTS):
                collection = self.collection(name)
                patch, after = collection.patch(self.key, changes)
                answer = await self._upload(collection, patch)
                if answer.get("type") != "error":
                    self._remember(after)
                    return
                await self._catch_up(name)
        msg = f"The app state {name} could not be changed: companions changed it {_ATTEMPTS} times in between."
        raise SendFailed(msg)

    async def _upload(self, collection: Collection, patch: bytes) -> Node:
        attrs: Attrs = {"name": str(collection.name), "version": collection.version, "return_snapshot": "false"}
        noun = Node("collection", attrs, [Node("patch", {}, patch)])
        return await self._request("set", noun)

    async def _catch_up(self, name: CollectionName) -> None:
        collection = self.collection(name)
        attrs: Attrs = {"name": str(name), "version": collection.version, "return_snapshot": "false"}
        answer = await self._request("get", Node("collection", attrs))
        patches = answer.child("patches")
        for patch in patches.children("patch") if patches else []:
            _, collection = collection.applied(self.key, patch.data)
        self._remember(collection)

    async def _request(self, kind: str, noun: Node) -> Node:
        iq = Node("iq", {"xmlns": "w:sync:app:state", "type": kind, "to": SERVER}, [Node("sync", {}, [noun])])
        answer = (await self._device.link.request(iq)).find("sync", "collection")
        return answer or Node("collection")

    def _remember(self, collection: Collection) -> None:
        self._collections[collection.name] = collection
        self._memory["collections"] = {name: one.dump() for name, one in self._collections.items()}
        self._device.changed()


def _change(index: list[str], value: Any) -> Change:
    value.timestamp = int(time.time() * 1000)
    return Change(index, value, _VERSIONS.get(index[0], 1))
