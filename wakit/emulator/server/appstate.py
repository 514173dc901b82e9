"""
App state on the server: numbered patches of collections that it cannot read.

A device sends a patch for the version it knows; where it is behind, it gets the
missing patches and a conflict. A device that starts gets every patch, or a
snapshot where there are many. The server can assemble one without any key:
records are addressed by MACs, and the last patch brings the MAC of the state
that it leads to.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError

from wakit.emulator.link import StanzaError
from wakit.emulator.mediacrypto import MediaKind, decrypt_file, encrypt_file
from wakit.emulator.mediahost import MediaHost
from wakit.emulator.nodes import Attrs, Node
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.hub import Hub
from wakit.emulator.server.router import iq
from wakit.emulator.server.state import Account, Collection
from wakit.proto import load

sync_pb = load("waServerSync.WAServerSync_pb2")

_NAMES = frozenset({"critical_block", "critical_unblock_low", "regular_high", "regular_low", "regular"})
_REMOVE = 1
#: A snapshot lies on the media host, which a client without our proxy cannot reach; so it is the exception.
_SNAPSHOT_AFTER = 32


class AppState:
    """The collections of every account."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @iq("w:sync:app:state")
    def sync(self, who: Endpoint, request: Node) -> list[Node]:
        """Take patches and give what the device lacks."""
        asked = request.child("sync")
        return [Node("sync", {}, [self._collection(who, node) for node in asked or () if node.tag == "collection"])]

    def _collection(self, who: Endpoint, asked: Node) -> Node:
        account, _ = who.owner
        name = asked.get("name")
        if name not in _NAMES:
            raise StanzaError(400, f"there is no collection {name!r}")
        kept = account.collections.setdefault(name, Collection())
        patch = asked.child("patch")
        if patch is not None:
            return self._apply(who, asked, patch.data, kept)
        attrs: Attrs = {"name": name, "version": kept.version}
        if asked.get("return_snapshot") == "true" and kept.version > _SNAPSHOT_AFTER:
            return Node("collection", attrs, [Node("snapshot", {}, _snapshot(kept, self._hub.media))])
        return Node("collection", attrs, _patches(kept, asked.number("version")))

    def _apply(self, who: Endpoint, asked: Node, patch: bytes, kept: Collection) -> Node:
        account, name, known = who.owner[0], asked.get("name"), asked.number("version")
        attrs: Attrs = {"name": name, "version": kept.version}
        if known != kept.version:
            conflict = Node("error", {"code": 409, "text": "conflict"})
            return Node("collection", {**attrs, "type": "error"}, [conflict, *_patches(kept, known)])
        kept.version += 1
        kept.patches.append(_numbered(patch, kept.version))
        self._hub.state.touch(account)
        version: Attrs = {"name": name, "version": kept.version}
        self._tell(who, account, Node("collection", version))
        return Node("collection", version)

    def _tell(self, who: Endpoint, account: Account, change: Node) -> None:
        self._hub.notify([account], "server_sync", {"from": account.pn_jid}, [change], sparing=who)


def _patches(kept: Collection, known: int) -> list[Node]:
    missing = kept.patches[known:]
    return [Node("patches", {}, [Node("patch", {}, patch) for patch in missing])] if missing else []


def _numbered(patch: bytes, version: int) -> bytes:
    try:
        parsed = sync_pb.SyncdPatch.FromString(patch)
    except DecodeError as exc:
        raise StanzaError(400, "the patch is no SyncdPatch") from exc
    parsed.version.version = version
    numbered: bytes = parsed.SerializeToString()
    return numbered


def _snapshot(kept: Collection, media: MediaHost) -> bytes:
    """Upload the state that the patches lead to, and return the reference to it."""
    records: dict[bytes, Any] = {}
    patches = [sync_pb.SyncdPatch.FromString(patch) for patch in kept.patches]
    for patch in patches:
        for mutation in _mutations(patch, media):
            key = mutation.record.index.blob
            records.pop(key, None)
            if mutation.operation != _REMOVE:
                records[key] = mutation.record
    snapshot = sync_pb.SyncdSnapshot(
        version=sync_pb.SyncdVersion(version=kept.version),
        records=records.values(),
        mac=patches[-1].snapshotMAC,
        keyID=patches[-1].keyID,
    )
    sealed = encrypt_file(MediaKind.APP_STATE, snapshot.SerializeToString())
    upload = media.put(sealed.data, sealed.file_enc_sha256, kind=MediaKind.APP_STATE.path)
    reference: bytes = sync_pb.ExternalBlobReference(
        mediaKey=sealed.media_key,
        directPath=upload.direct_path,
        handle="",
        fileSizeBytes=sealed.file_length,
        fileSHA256=sealed.file_sha256,
        fileEncSHA256=sealed.file_enc_sha256,
    ).SerializeToString()
    return reference


def _mutations(patch: Any, media: MediaHost) -> Any:
    """Return what a patch changes, also where it is too big for a stanza and lies on the media host."""
    if not patch.HasField("externalMutations"):
        return patch.mutations
    reference = patch.externalMutations
    plain = decrypt_file(MediaKind.APP_STATE, media.get(reference.directPath), reference.mediaKey)
    return sync_pb.SyncdMutations.FromString(plain).mutations
