"""Sending a history to companions: each chunk encrypted, uploaded, announced."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from wakit.emulator.history import Chunk
from wakit.emulator.mediacrypto import MediaKind, encrypt_file
from wakit.emulator.phone.device import Device
from wakit.emulator.phone.outgoing import Outgoing
from wakit.errors import NotLinked
from wakit.ids import JID
from wakit.proto import e2e_pb


class HistorySender:
    """This phone's side of history sync."""

    def __init__(self, device: Device, outgoing: Outgoing) -> None:
        self._device = device
        self._outgoing = outgoing

    async def targets(self, companion: JID | None) -> list[JID]:
        """
        Return the LIDs of one companion, or of all that have published their keys.

        Raises:
            NotLinked: There is none.
        """
        directory = self._device.directory
        ready = [one for one in await directory.devices([self._device.lid]) if one.device]
        chosen = ready if companion is None else [one for one in ready if one == directory.lid(companion)]
        if not chosen:
            msg = f"No companion of {self._device.identity.phone} can take a history. Link one and wait until it is ready."
            raise NotLinked(msg)
        return chosen

    async def send(self, chunk: Chunk, companions: Sequence[JID]) -> None:
        """Upload a chunk once per companion (each deletes its own) and announce it."""
        for companion in companions:
            sealed = await asyncio.to_thread(encrypt_file, MediaKind.HISTORY, chunk.blob)
            upload = self._device.exchange.media.put(sealed.data, sealed.file_enc_sha256, kind=MediaKind.HISTORY.path)
            notification = e2e_pb.HistorySyncNotification(
                fileSHA256=sealed.file_sha256,
                fileLength=sealed.file_length,
                mediaKey=sealed.media_key,
                fileEncSHA256=sealed.file_enc_sha256,
                directPath=upload.direct_path,
                syncType=chunk.sync_type,
                chunkOrder=chunk.order,
                progress=chunk.progress,
                oldestMsgInChunkTimestampSec=chunk.oldest,
            )
            protocol = e2e_pb.ProtocolMessage(
                type=e2e_pb.ProtocolMessage.HISTORY_SYNC_NOTIFICATION, historySyncNotification=notification
            )
            await self._outgoing.send_peer(companion, e2e_pb.Message(protocolMessage=protocol))
