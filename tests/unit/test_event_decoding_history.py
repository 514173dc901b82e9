"""A history sync becomes chats, contacts and messages of the time before the account was linked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from wakit.details import Details
from wakit.model import Call, Chat, Contact, GroupChange, HistoryRange, Message, MessageType, PollVote, Raw, Source
from wakit.proto import e2e_pb, load, neonize_pb
from wakit.session.entries import Entry
from wakit.session.events import decode, history

history_pb = load("waHistorySync.WAWebProtobufsHistorySync_pb2")
web_pb = load("waWeb.WAWebProtobufsWeb_pb2")
common_pb = load("waCommon.WACommon_pb2")

ARRIVED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
OLD = ARRIVED - timedelta(days=200)
LID, PHONE, GROUP, OWN = "191477160182518@lid", "573009876543@s.whatsapp.net", "120363025246125486@g.us", "191383143045913@lid"


def line(message_id: str, body: str | None, *, chat: str, mine: bool = False, participant: str = "", **more: Any) -> Any:
    key = common_pb.MessageKey(ID=message_id, remoteJID=chat, fromMe=mine, participant=participant)
    message = e2e_pb.Message(conversation=body) if body is not None else None
    return web_pb.WebMessageInfo(key=key, message=message, messageTimestamp=int(OLD.timestamp()), pushName="Clienta", **more)


def sync(*conversations: Any, **more: Any) -> Entry:
    data = history_pb.HistorySync(syncType="INITIAL_BOOTSTRAP", conversations=conversations, progress=50, chunkOrder=1, **more)
    return Entry(seq=9, code=13, at=ARRIVED, payload=neonize_pb.HistorySync(Data=data).SerializeToString())


def conversation(jid: str, *messages: Any, **more: Any) -> Any:
    listed = [history_pb.HistorySyncMsg(message=message, msgOrderID=n) for n, message in enumerate(messages)]
    return history_pb.Conversation(ID=jid, messages=listed, conversationTimestamp=int(OLD.timestamp()), **more)


def test_the_event_itself_is_a_summary() -> None:
    """On the stream a history sync is one event with its size, not forty thousand."""
    entry = sync(conversation(PHONE, line("A", "hola", chat=PHONE), line("B", "¿sí?", chat=PHONE)))
    (raw,) = decode("ana", entry)
    assert isinstance(raw, Raw)
    assert raw.fields == {"type": "INITIAL_BOOTSTRAP", "progress": 50, "chunk": 1, "conversations": 1, "messages": 2}


def test_messages_come_with_their_time_and_sender() -> None:
    """Seconds, source history, the person as sender, and ourselves where the phone says who we are."""
    entry = sync(
        conversation(LID, line("A", "hola", chat=LID), line("B", "¡buenas!", chat=LID, mine=True), accountLid=OWN, pnJID=PHONE)
    )
    chat, contact, theirs, ours, reach = history("ana", entry)
    assert isinstance(chat, Chat)
    assert (chat.chat, chat.is_group, chat.last_ts) == (LID, False, OLD)
    assert contact == Contact(account="ana", jid=LID, phone="+573009876543", lid=LID)
    assert isinstance(theirs, Message)
    assert isinstance(ours, Message)
    assert (theirs.sender, theirs.from_me, theirs.ts, theirs.source, theirs.push_name) == (
        LID,
        False,
        OLD,
        Source.HISTORY,
        "Clienta",
    )
    assert (ours.sender, ours.from_me, ours.text, ours.push_name) == (OWN, True, "¡buenas!", None)
    assert reach == HistoryRange(account="ana", chat=LID, since=OLD, until=entry.at, messages=2)


def test_the_caller_may_say_who_we_are() -> None:
    """Phones that do not say it leave it to the account's file."""
    entry = sync(conversation(PHONE, line("B", "¡buenas!", chat=PHONE, mine=True)))
    ours = list(history("ana", entry, me="573001234567@s.whatsapp.net"))[-2]
    assert isinstance(ours, Message)
    assert ours.sender == "573001234567@s.whatsapp.net"


def test_group_messages_keep_who_wrote() -> None:
    """In a group the participant is the sender, without its device; the subject is the chat's name."""
    entry = sync(conversation(GROUP, line("A", "hola", chat=GROUP, participant="573009876543:5@s.whatsapp.net"), name="Pedidos"))
    chat, message, _ = history("ana", entry)
    assert isinstance(chat, Chat)
    assert isinstance(message, Message)
    assert (chat.name, chat.is_group, message.sender) == ("Pedidos", True, PHONE)


def test_system_lines_reactions_and_names_are_kept() -> None:
    """Stubs become system messages, embedded reactions messages of their own, push names contacts."""
    joined = line("S", None, chat=GROUP, messageStubType="GROUP_PARTICIPANT_ADD", messageStubParameters=[PHONE])
    reaction = web_pb.Reaction(
        key=common_pb.MessageKey(ID="R", remoteJID=GROUP, participant=PHONE),
        text="👍",
        senderTimestampMS=int(OLD.timestamp() * 1000),
    )
    liked = line("A", "hola", chat=GROUP, participant=LID, reactions=[reaction])
    names = [history_pb.Pushname(ID=PHONE, pushname="Clienta")]
    pairs = [history_pb.PhoneNumberToLIDMapping(pnJID=PHONE, lidJID=LID)]
    records = list(history("ana", sync(conversation(GROUP, joined, liked), pushnames=names, phoneNumberToLidMappings=pairs)))
    assert records[:2] == [
        Contact(account="ana", jid=LID, phone="+573009876543", lid=LID),
        Contact(account="ana", jid=PHONE, phone="+573009876543", name="Clienta"),
    ]
    system, message, like = (record for record in records if isinstance(record, Message))
    assert (system.type, system.text) == (MessageType.SYSTEM, f"group participant add {PHONE}")
    assert message.text == "hola"
    assert (like.type, like.text, like.target_id, like.target_sender, like.sender) == (
        MessageType.REACTION,
        "👍",
        "A",
        LID,
        PHONE,
    )


def test_history_tells_who_was_in_which_group() -> None:
    """The list of members with their roles, who left and when, and what system lines say of both."""
    left = history_pb.PastParticipants(
        groupJID=GROUP, pastParticipants=[history_pb.PastParticipant(userJID=LID, leaveTS=int(OLD.timestamp()))]
    )
    added = line(
        "S1", None, chat=GROUP, participant=OWN, messageStubType="GROUP_PARTICIPANT_ADD", messageStubParameters=[PHONE, "x"]
    )
    renamed = line("S2", None, chat=GROUP, messageStubType="GROUP_CHANGE_SUBJECT", messageStubParameters=["Pedidos"])
    listed = [history_pb.GroupParticipant(userJID=PHONE, rank="ADMIN"), history_pb.GroupParticipant(userJID=OWN)]
    records = history("ana", sync(conversation(GROUP, added, renamed, participant=listed), pastParticipants=[left]))
    assert [(one.kind, one.member, one.author, one.ts) for one in records if isinstance(one, GroupChange)] == [
        ("leave", LID, None, OLD),
        ("admin", PHONE, None, ARRIVED),
        ("member", OWN, None, ARRIVED),
        ("join", PHONE, OWN, OLD),
        ("subject", None, None, OLD),
    ]


def test_history_keeps_calls_and_votes() -> None:
    """Missed calls are messages of type call, the phone's log tells the others, and votes come decrypted."""
    missed = line("S1", None, chat=PHONE, messageStubType="CALL_MISSED_VIDEO")
    key = common_pb.MessageKey(ID="V1", remoteJID=PHONE, participant=PHONE)
    cast = web_pb.PollUpdate(
        pollUpdateMessageKey=key, vote={"selectedOptions": [b"\x01\xff"]}, senderTimestampMS=int(OLD.timestamp() * 1000)
    )
    poll = line("P1", "¿Cuándo?", chat=PHONE, pollUpdates=[cast])
    entry = sync(conversation(PHONE, missed, poll))
    data = neonize_pb.HistorySync.FromString(entry.payload)
    data.Data.callLogRecords.add(
        callID="C1", callCreatorJID=LID, callResult="CONNECTED", duration=61, startTime=int(OLD.timestamp()), isVideo=False
    )
    data.Data.callLogRecords.add(callResult="MISSED")
    records = list(history("ana", replace(entry, payload=data.SerializeToString())))
    (logged,) = (record for record in records if isinstance(record, Call))
    assert (logged.call_id, logged.caller, logged.state, logged.seconds, logged.ts) == ("C1", LID, "answered", 61, OLD)
    call, _, vote = (record for record in records if isinstance(record, Message))
    assert (call.type, call.details) == (MessageType.CALL, Details(call_outcome="missed", call_video=True))
    assert (vote.type, vote.message_id, vote.target_id, vote.sender) == (MessageType.POLL_VOTE, "V1", "P1", PHONE)
    assert PollVote(account="ana", chat=PHONE, message_id="V1", chosen=("01ff",)) in records


def test_F13_a_damaged_sync_ends_with_a_note() -> None:
    """What cannot be read becomes a quarantine record, not an error in the drain."""
    entry = Entry(seq=9, code=13, at=ARRIVED, payload=b"\x0a\xff\xff")
    (raw,) = history("ana", entry)
    assert isinstance(raw, Raw)
    assert raw.name == "quarantine"


def test_a_large_sync_is_read_without_a_list_of_everything() -> None:
    """40,000 messages come out of an iterator."""
    chats = [
        conversation(f"57300{n:07}@s.whatsapp.net", *(line(f"{n}-{m}", "x", chat="x@lid") for m in range(200)))
        for n in range(200)
    ]
    assert sum(isinstance(record, Message) for record in history("ana", sync(*chats))) == 40_000
