"""Journal rows as the library's callback and the host leave them: messages, receipts, histories, states."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from stored import START, at

from wakit.emulator.history import GeneratedHistory, HistoryChat, chunks
from wakit.ids import JID
from wakit.model import Record
from wakit.paths import Workspace
from wakit.proto import load, neonize_pb
from wakit.session.entries import EventCode
from wakit.session.journal import Journal

sync_pb = load("waHistorySync.WAWebProtobufsHistorySync_pb2")

Row = tuple[int, bytes, datetime | None]
MESSAGE, HISTORY, RECEIPT = 17, 13, 18


def heard(number: int, text: str, *, person: int = 1, with_phone: bool = True) -> Row:
    """Return the row of a message that a customer wrote; without the phone number only their LID is known."""
    event = neonize_pb.Message()
    source = event.Info.MessageSource
    _address(source.Chat, f"1{person:07}", "lid")
    _address(source.Sender, f"1{person:07}", "lid")
    _address(source.SenderAlt, f"57300{person:07}" if with_phone else "", "s.whatsapp.net" if with_phone else "")
    source.IsFromMe = source.IsGroup = False
    event.Info.ID, event.Info.Pushname = f"3EB0{number:06}", f"Cliente {person}"
    event.Info.Timestamp = int(at(number).timestamp() * 1000)
    event.Message.conversation = text
    return MESSAGE, event.SerializePartialToString(), at(number)


def read_by(number: int, *message_ids: str, person: int = 1) -> Row:
    """Return the row of a receipt: the customer has read these messages."""
    event = neonize_pb.Receipt(MessageIDs=message_ids, Type="READ", Timestamp=int(at(number).timestamp()))
    _address(event.MessageSource.Chat, f"1{person:07}", "lid")
    _address(event.MessageSource.Sender, f"1{person:07}", "lid")
    return RECEIPT, event.SerializePartialToString(), at(number)


def own(code: EventCode, record: Record, number: int) -> Row:
    """Return the row of a state, a gap or a send."""
    return code, json.dumps(record.to_json()).encode(), at(number)


def histories(chats: Iterable[HistoryChat] | int, messages_per_chat: int = 10, *, seed: int = 1) -> Iterator[Row]:
    """Yield the rows of a history: one for each chunk that the phone sends."""
    past = GeneratedHistory(chats, messages_per_chat, seed=seed) if isinstance(chats, int) else chats
    for chunk in chunks(past, lambda phone, _: JID(f"9{phone}", "lid")):
        data = sync_pb.HistorySync.FromString(zlib.decompress(chunk.blob))
        yield HISTORY, neonize_pb.HistorySync(Data=data).SerializeToString(), START


def journaled(workspace: Workspace, rows: Iterable[Row], account: str = "default", **more: int) -> int:
    """Append rows to the journal of an account; return the number of the last one."""
    with journal(workspace, account, **more) as opened:
        return opened.append_many(rows)


@contextmanager
def journal(workspace: Workspace, account: str = "default", **more: int) -> Iterator[Journal]:
    """Yield the open journal of an account."""
    opened = Journal(workspace.journal_dir(account), **more)
    try:
        yield opened
    finally:
        opened.close()


def _address(jid: object, user: str, server: str) -> None:
    for name, value in (("User", user), ("Server", server), ("RawAgent", 0), ("Device", 0), ("Integrator", 0)):
        setattr(jid, name, value)
