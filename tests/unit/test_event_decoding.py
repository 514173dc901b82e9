"""Library events become records: addresses, units, types, and whatever is broken becomes a note instead of an error."""

from __future__ import annotations

import base64
import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import wakit
from wakit.details import Details
from wakit.ids import JID
from wakit.model import (
    Call,
    Chat,
    Contact,
    EventKind,
    Gap,
    Message,
    MessageType,
    Raw,
    Receipt,
    ReceiptState,
    Send,
    SendState,
    SessionState,
    SessionStatus,
)
from wakit.outgoing import Edit
from wakit.proto import e2e_pb, load, neonize_pb
from wakit.session.building import About, message_of
from wakit.session.entries import Entry, EventCode
from wakit.session.events import LIBRARY_EVENTS, decode, kind_of

common_pb = load("waCommon.WACommon_pb2")

ARRIVED = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SENT = datetime(2026, 11, 24, 9, 59, 58, 250_000, tzinfo=UTC)
LID, PHONE = "191477160182518@lid", "573009876543@s.whatsapp.net"
OWN_LID, OWN = "191383143045913@lid", "573001234567@s.whatsapp.net"
GROUP = "120363025246125486@g.us"


def jid(text: str, device: int = 0) -> Any:
    user, _, server = text.rpartition("@")
    return neonize_pb.JID(User=user, Server=server, Device=device, RawAgent=0, Integrator=0)


def source(chat: str = LID, sender: str = LID, *, alt: str = PHONE, mine: bool = False, recipient_alt: str = "") -> Any:
    return neonize_pb.MessageSource(
        Chat=jid(chat),
        Sender=jid(sender, device=3),
        IsFromMe=mine,
        IsGroup=chat.endswith("@g.us"),
        SenderAlt=jid(alt),
        RecipientAlt=jid(recipient_alt),
        BroadcastListOwner=jid(""),
    )


def info(where: Any = None, *, at: int | None = None, name: Any = "Clienta") -> Any:
    return neonize_pb.MessageInfo(
        MessageSource=where or source(),
        ID="3EB0",
        ServerID=0,
        Type="text",
        Pushname=name,
        Timestamp=int(SENT.timestamp() * 1000) if at is None else at,
        Category="",
        Multicast=False,
        MediaType="",
        Edit="",
    )


def message_event(body: Any, about: Any = None) -> bytes:
    event = neonize_pb.Message(
        Info=about or info(),
        Message=body,
        IsEphemeral=False,
        IsViewOnce=False,
        IsViewOnceV2=False,
        IsViewOnceV2Extension=False,
        IsDocumentWithCaption=False,
        IsLottieSticker=False,
        IsEdit=False,
        UnavailableRequestID="",
        RetryCount=0,
    )
    return bytes(event.SerializeToString())


def entry(code: int, payload: bytes) -> Entry:
    return Entry(seq=7, code=code, at=ARRIVED, payload=payload)


def said(body: Any, about: Any = None, **more: Any) -> Message:
    record = decode("ana", entry(17, message_event(body, about)), **more)[0]
    assert isinstance(record, Message)
    return record


def text(body: str = "hola") -> Any:
    return e2e_pb.Message(conversation=body)


def test_a_text_message_is_read_completely() -> None:
    """Non-device addresses, both addresses of the sender, milliseconds, name and text."""
    assert said(text("¿precio?")) == Message(
        account="ana",
        chat=LID,
        sender=LID,
        sender_alt=PHONE,
        message_id="3EB0",
        ts=SENT,
        text="¿precio?",
        push_name="Clienta",
    )


def test_our_own_message_names_the_other_side() -> None:
    """A message of our other device: from_me, no push name, and the recipient's two addresses become a contact."""
    where = source(LID, OWN_LID, alt=OWN, mine=True, recipient_alt=PHONE)
    message, contact = decode("ana", entry(17, message_event(text(), info(where))))
    assert isinstance(message, Message)
    assert (message.from_me, message.sender, message.push_name, message.sender_alt) == (True, OWN_LID, None, None)
    assert contact == Contact(account="ana", jid=LID, phone="+573009876543", lid=LID)
    assert said(text(), info(where), me=OWN).sender == OWN


def test_a_group_message_has_the_group_as_chat() -> None:
    """Chat is the group, sender the person."""
    message = said(text(), info(source(GROUP, LID)))
    assert (message.chat, message.sender) == (GROUP, LID)


def test_a_message_that_only_carries_keys_is_skipped() -> None:
    """The first of the two events of a group message is nothing to people; both fields together are one message."""
    keys = e2e_pb.SenderKeyDistributionMessage(groupID=GROUP)
    assert decode("ana", entry(17, message_event(e2e_pb.Message(senderKeyDistributionMessage=keys)))) == []
    both = e2e_pb.Message(senderKeyDistributionMessage=keys, conversation="hola")
    assert said(both).text == "hola"
    context = e2e_pb.MessageContextInfo(messageSecret=b"x")
    assert decode("ana", entry(17, message_event(e2e_pb.Message(messageContextInfo=context)))) == []


def test_the_library_s_own_messages_are_skipped() -> None:
    """History notifications and key shares between own devices are not messages."""
    for kind in ("HISTORY_SYNC_NOTIFICATION", "APP_STATE_SYNC_KEY_SHARE", "PEER_DATA_OPERATION_REQUEST_MESSAGE"):
        body = e2e_pb.Message(protocolMessage=e2e_pb.ProtocolMessage(type=kind))
        assert decode("ana", entry(17, message_event(body))) == []


KEY = common_pb.MessageKey(ID="ORIGINAL", remoteJID=LID, participant="573009876543:4@s.whatsapp.net", fromMe=False)


@pytest.mark.parametrize(
    ("body", "kind", "said_text"),
    [
        (e2e_pb.Message(protocolMessage=e2e_pb.ProtocolMessage(type="REVOKE", key=KEY)), MessageType.REVOKE, None),
        (
            e2e_pb.Message(protocolMessage=e2e_pb.ProtocolMessage(type="MESSAGE_EDIT", key=KEY, editedMessage=text("mejor 4"))),
            MessageType.EDIT,
            "mejor 4",
        ),
        (e2e_pb.Message(reactionMessage=e2e_pb.ReactionMessage(key=KEY, text="👍")), MessageType.REACTION, "👍"),
        (e2e_pb.Message(reactionMessage=e2e_pb.ReactionMessage(key=KEY, text="")), MessageType.REACTION, ""),
        (e2e_pb.Message(pollUpdateMessage=e2e_pb.PollUpdateMessage(pollCreationMessageKey=KEY)), MessageType.POLL_VOTE, None),
        (
            e2e_pb.Message(
                secretEncryptedMessage=e2e_pb.SecretEncryptedMessage(targetMessageKey=KEY, secretEncType="MESSAGE_EDIT")
            ),
            MessageType.EDIT,
            None,
        ),
        (e2e_pb.Message(pinInChatMessage=e2e_pb.PinInChatMessage(key=KEY, type=1)), MessageType.SYSTEM, "pinned"),
    ],
)
def test_what_is_about_another_message_names_it(body: Any, kind: MessageType, said_text: str | None) -> None:
    """Edits, revokes, reactions and votes are messages of their own type with the id and sender of their target."""
    message = said(body)
    assert (message.type, message.text, message.target_id) == (kind, said_text, "ORIGINAL")
    assert message.target_sender == PHONE
    assert message.message_id == "3EB0"


def context(**fields: Any) -> Any:
    return e2e_pb.ContextInfo(**fields)


@pytest.mark.parametrize(
    ("body", "kind", "said_text", "mimetype"),
    [
        (e2e_pb.Message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text="hola")), MessageType.TEXT, "hola", None),
        (
            e2e_pb.Message(imageMessage=e2e_pb.ImageMessage(caption="menú", mimetype="image/jpeg")),
            MessageType.IMAGE,
            "menú",
            "image/jpeg",
        ),
        (e2e_pb.Message(videoMessage=e2e_pb.VideoMessage(mimetype="video/mp4")), MessageType.VIDEO, None, "video/mp4"),
        (e2e_pb.Message(audioMessage=e2e_pb.AudioMessage(PTT=True, mimetype="audio/ogg")), MessageType.VOICE, None, "audio/ogg"),
        (e2e_pb.Message(audioMessage=e2e_pb.AudioMessage(PTT=False)), MessageType.AUDIO, None, None),
        (e2e_pb.Message(documentMessage=e2e_pb.DocumentMessage(fileName="a.pdf")), MessageType.DOCUMENT, "a.pdf", None),
        (e2e_pb.Message(stickerMessage=e2e_pb.StickerMessage(mimetype="image/webp")), MessageType.STICKER, None, "image/webp"),
        (
            e2e_pb.Message(locationMessage=e2e_pb.LocationMessage(degreesLatitude=4.6, degreesLongitude=-74.1, name="Tienda")),
            MessageType.LOCATION,
            "Tienda\n4.600000,-74.100000",
            None,
        ),
        (e2e_pb.Message(contactMessage=e2e_pb.ContactMessage(displayName="Beto")), MessageType.CONTACT, "Beto", None),
        (
            e2e_pb.Message(
                pollCreationMessageV3=e2e_pb.PollCreationMessage(
                    name="¿Cuándo?", options=[e2e_pb.PollCreationMessage.Option(optionName=day) for day in ("lunes", "martes")]
                )
            ),
            MessageType.POLL,
            "¿Cuándo?\n• lunes\n• martes",
            None,
        ),
        (e2e_pb.Message(orderMessage=e2e_pb.OrderMessage(orderTitle="2", message="ya")), MessageType.ORDER, "2\nya", None),
        (e2e_pb.Message(listResponseMessage=e2e_pb.ListResponseMessage(title="Sí")), MessageType.TEXT, "Sí", None),
        (e2e_pb.Message(groupInviteMessage=e2e_pb.GroupInviteMessage(groupName="Pedidos")), MessageType.SYSTEM, "Pedidos", None),
        (e2e_pb.Message(musicMessage=e2e_pb.MusicMessage()), MessageType.OTHER, None, None),
    ],
)  # fmt: skip
def test_each_kind_of_content_has_its_type_and_text(
    body: Any, kind: MessageType, said_text: str | None, mimetype: str | None
) -> None:
    """What analysts filter by, and what they read."""
    message = said(body)
    assert (message.type, message.text, message.mimetype) == (kind, said_text, mimetype)


def test_every_variant_that_the_schema_knows_is_read() -> None:
    """None of the hundred variants raises or is lost but for those that carry keys."""
    silent = set()
    for field in e2e_pb.Message.DESCRIPTOR.fields:
        body = e2e_pb.Message()
        if field.message_type is None:
            setattr(body, field.name, "x")
        else:
            getattr(body, field.name).SetInParent()
        if not decode("ana", entry(17, message_event(body))):
            silent.add(field.name)
    assert silent == {"senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage", "messageContextInfo"}


def test_a_variant_newer_than_the_schema_is_kept() -> None:
    """An unknown field of a later WhatsApp is a message of type other, not nothing."""
    body = e2e_pb.Message.FromString(b"\xfa\x7f\x03abc")
    assert said(body).type is MessageType.OTHER


def test_wrappers_are_looked_into() -> None:
    """Ephemeral, view-once and document-with-caption are what is inside, however deep."""
    body = text("adentro")
    for wrapper in ("viewOnceMessageV2", "ephemeralMessage", "documentWithCaptionMessage"):
        body = e2e_pb.Message(**{wrapper: e2e_pb.FutureProofMessage(message=body)})
    assert said(body).text == "adentro"
    for _ in range(10):
        body = e2e_pb.Message(ephemeralMessage=e2e_pb.FutureProofMessage(message=body))
    assert said(body).type is MessageType.OTHER


def test_answers_mentions_and_forwards_are_in_the_message() -> None:
    """A quote gives the target, mentions are addresses, forwarded is said."""
    quoted = context(stanzaID="Q", participant="573009876543:2@s.whatsapp.net", mentionedJID=[LID, OWN], isForwarded=True)
    message = said(e2e_pb.Message(extendedTextMessage=e2e_pb.ExtendedTextMessage(text="@x", contextInfo=quoted)))
    assert (message.target_id, message.target_sender) == ("Q", PHONE)
    assert (message.mentions, message.forwarded) == ((LID, OWN), True)


@pytest.mark.parametrize(
    ("units", "ts", "suspect"),
    [
        (int(SENT.timestamp() * 1000), SENT, False),
        (int(SENT.timestamp()), SENT.replace(microsecond=0), True),
        (0, ARRIVED, True),
        (-5, ARRIVED, True),
        (4_294_967_295_000, ARRIVED, True),
        (2**62, ARRIVED, True),
        (int((ARRIVED + timedelta(hours=3)).timestamp() * 1000), ARRIVED + timedelta(hours=3), False),
    ],
)
def test_F25_unbelievable_clocks_are_marked(units: int, ts: datetime, suspect: bool) -> None:
    """Milliseconds are normal; seconds, zero, and the year 2106 give a sane time and a mark."""
    message = said(text(), info(at=units))
    assert (message.ts, message.clock_suspect) == (ts, suspect)


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        ("DELIVERED", ReceiptState.DELIVERED),
        ("INACTIVE", ReceiptState.DELIVERED),
        ("READ", ReceiptState.READ),
        ("READ_SELF", ReceiptState.READ),
        ("PLAYED", ReceiptState.PLAYED),
        ("RETRY", ReceiptState.OTHER),
        ("SENDER", ReceiptState.OTHER),
        ("SERVER_ERROR", ReceiptState.OTHER),
        ("HISTORY_SYNC", ReceiptState.OTHER),
    ],
)
def test_receipts_are_in_seconds_and_keep_their_type(kind: str, state: ReceiptState) -> None:
    """The time is read in seconds, the type is kept in the library's words."""
    event = neonize_pb.Receipt(
        MessageSource=source(),
        MessageIDs=["A", "B"],
        Timestamp=int(SENT.timestamp()),
        Type=neonize_pb.Receipt.ReceiptType.Value(kind),
    )
    (receipt,) = decode("ana", entry(18, event.SerializeToString()))
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.raw_type, receipt.message_ids) == (state, kind, ("A", "B"))
    assert (receipt.chat, receipt.recipient, receipt.ts) == (LID, LID, SENT.replace(microsecond=0))


def test_a_message_that_could_not_be_decrypted_has_its_place() -> None:
    """It is known who wrote when, so it is a message of its own type."""
    event = neonize_pb.UndecryptableMessage(Info=info(), IsUnavailable=False, DecryptFailMode=1)
    (message,) = decode("ana", entry(44, event.SerializeToString()))
    assert isinstance(message, Message)
    assert (message.type, message.message_id, message.text) == (MessageType.UNDECRYPTABLE, "3EB0", None)


def test_a_call_is_a_message_and_a_raw_event() -> None:
    """An offered call counts as contact with a customer; what else it says is kept."""
    meta = neonize_pb.BasicCallMeta(
        timestamp=int(SENT.timestamp()), callCreator=jid(LID, 2), callCreatorAlt=jid(PHONE), callID="C1", **{"from": jid(LID)}
    )
    remote = neonize_pb.CallRemoteMeta(remotePlatform="android", remoteVersion="2")
    event = neonize_pb.CallOffer(basicCallMeta=meta, callRemoteMeta=remote, data=neonize_pb.Node(Tag="offer"))
    call, raw = decode("ana", entry(36, event.SerializeToString()))
    assert isinstance(call, Message)
    assert (call.type, call.chat, call.sender_alt, call.message_id) == (MessageType.CALL, LID, PHONE, "C1")
    assert isinstance(raw, Raw)
    assert raw.fields["basicCallMeta"]["callCreator"] == LID
    assert (kind_of(call), kind_of(raw)) == (EventKind.CALL, EventKind.CALL)


def test_a_renamed_group_is_a_chat_with_its_name() -> None:
    """Group events keep everything raw and give the chat its name."""
    name = neonize_pb.GroupName(Name="Pedidos 2027", NameSetAt=1, NameSetBy=jid(LID))
    event = neonize_pb.GroupInfoEvent(
        JID=jid(GROUP), Notify="", Timestamp=1, Name=name, PrevParticipantsVersionID="", ParticipantVersionID="", JoinReason="",
        Join=[jid(LID)],
    )  # fmt: skip
    raw, chat, *_ = decode("ana", entry(22, event.SerializeToString()))
    assert isinstance(raw, Raw)
    assert raw.fields["Join"] == [LID]
    assert chat == Chat(account="ana", chat=GROUP, name="Pedidos 2027", is_group=True)
    assert kind_of(raw) is EventKind.GROUP


def test_H10_a_name_that_is_no_utf8_is_shown_anyway() -> None:
    """The library may pass invalid UTF-8 on, which arrives as bytes; it becomes replacement characters."""
    payload = message_event(text(), info(name="NAME"))
    record = decode("ana", entry(17, payload.replace(b"NAME", b"\xff\xfeme")))[0]
    assert isinstance(record, Message)
    assert record.push_name == "\ufffd\ufffdme"


HOSTILE = {
    "random": random.Random(1).randbytes(500),
    "empty": b"",
    "truncated": message_event(text())[:-5],
    "zeros": b"\0" * 1000,
    "wrong event": neonize_pb.Connected(status=True).SerializeToString(),
    "deep": b"\x0a\x7f" * 2000,
}


@pytest.mark.parametrize("code", [*LIBRARY_EVENTS, *EventCode, 14, 99, 4711])
@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_F13_malformed_events_are_quarantined(code: int, payload: bytes) -> None:
    """Whatever the bytes, decoding returns records; what cannot be read says its number and reason, never its content."""
    records = decode("ana", entry(code, payload))
    for record in records:
        if isinstance(record, Raw) and record.name == "quarantine":
            assert record.fields["seq"] == 7
            assert set(record.fields) == {"reason", "seq", "code", "bytes"}
            assert record.fields["bytes"] == len(payload)


@pytest.mark.parametrize("body", ["\0", "\u202eslevart", "😀" * 100_000, "a" * 5_000_000, "\ud7ff\ue000"])
def test_F13_strange_texts_are_kept(body: str) -> None:
    """NUL, direction marks, a hundred thousand emoji, five megabytes: text is text."""
    assert said(text(body)).text == body


def test_our_own_entries_come_back_as_they_were_written() -> None:
    """States, gaps, sends and what this device sent are records like any other."""
    status = SessionStatus(account="ana", state=SessionState.CONNECTED, since=ARRIVED, phone="+573001234567")
    gap = Gap(account="ana", since=SENT, until=ARRIVED, cause="killed")
    send = Send(id="s1", account="ana", to=PHONE, state=SendState.SENT, created_at=SENT, updated_at=ARRIVED)
    for code, record in ((EventCode.STATE, status), (EventCode.GAP, gap), (EventCode.SEND, send)):
        assert decode("ana", entry(code, json.dumps(record.to_json()).encode())) == [record]
    facts = {"message_id": "3EB0", "ts": int(SENT.timestamp()), "chat": LID, "sender": OWN_LID, "to": PHONE, "text": "¡hola!"}
    message, pair = decode("ana", entry(EventCode.SENT, json.dumps(facts).encode()))
    assert isinstance(message, Message)
    assert isinstance(pair, Contact)
    assert (pair.lid, f"{pair.phone}") == (LID, f"+{PHONE.partition('@')[0]}")
    assert (message.from_me, message.chat, message.text, message.sender) == (True, LID, "¡hola!", OWN_LID)


def test_what_this_device_sent_is_read_like_what_it_receives() -> None:
    """An edit of ours is an edit of that message; something that says nothing to people is no message."""
    facts = {"message_id": "3EB1", "ts": int(SENT.timestamp()), "chat": LID, "sender": OWN_LID, "to": PHONE}
    about = About(chat=JID.parse(LID), sender=OWN_LID, message_id="3EB0", from_me=True, text="hola")
    edit = message_of(Edit(message_id="3EB0", text="¡hola!"), about, own_address=lambda lid: OWN_LID)
    for payload, expected in ((edit, [(MessageType.EDIT, "¡hola!", "3EB0")]), (e2e_pb.Message(), [])):
        entered = json.dumps({**facts, "message": base64.b64encode(payload.SerializeToString()).decode()})
        records = decode("ana", entry(EventCode.SENT, entered.encode()))
        assert [(record.type, record.text, record.target_id) for record in records if isinstance(record, Message)] == expected


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (Raw(account="ana", name="ChatPresence", ts=SENT), EventKind.TYPING),
        (Raw(account="ana", name="Presence", ts=SENT), EventKind.PRESENCE),
        (Raw(account="ana", name="HistorySync", ts=SENT), EventKind.HISTORY),
        (Raw(account="ana", name="quarantine", ts=SENT), EventKind.RAW),
        (Contact(account="ana", jid=LID), EventKind.CONTACT),
        (Gap(account="ana", since=SENT, until=ARRIVED, cause="x"), EventKind.GAP),
        (SessionStatus(account="ana", state=SessionState.QR, since=SENT), EventKind.STATE),
        (Message(account="ana", chat=LID, sender=LID, message_id="x", ts=SENT), EventKind.MESSAGE),
        (Receipt(account="ana", chat=LID, recipient=LID, state=ReceiptState.READ, ts=SENT), EventKind.RECEIPT),
    ],
)
def test_each_record_has_its_place_on_the_stream(record: Any, kind: EventKind) -> None:
    """Clients filter by these kinds."""
    assert kind_of(record) is kind


def test_the_table_of_events_is_the_library_s() -> None:
    """Every event code of the installed library is in our table under its message, and no other."""
    script = "from neonize.events import EVENT_TO_INT as e; print({c: k.__name__ for k, c in e.items()})"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(wakit.__file__).parent
    )
    assert run.stdout.strip().splitlines()[-1] == str(LIBRARY_EVENTS)


@pytest.mark.parametrize(
    ("written", "ts"),
    [
        (int(SENT.timestamp() * 1000) + 120, SENT + timedelta(milliseconds=120)),
        (int(SENT.timestamp() * 1000) + 3_600_000, SENT),
        (0, SENT),
        (2**62, SENT),
    ],
)
@pytest.mark.parametrize("field", ["reactionMessage", "pollUpdateMessage"])
def test_two_changes_within_a_second_keep_their_order(field: str, written: int, ts: datetime) -> None:
    """WhatsApp stamps whole seconds; the message's own time is taken where its clock is right."""
    assert said(e2e_pb.Message(**{field: {"senderTimestampMS": written}})).ts == ts
    edit = {"type": "MESSAGE_EDIT", "timestampMS": written, "editedMessage": {"conversation": "x"}}
    assert said(e2e_pb.Message(protocolMessage=edit)).ts == ts


def group_event(**changes: Any) -> list[Any]:
    blank = {"Notify": "", "PrevParticipantsVersionID": "", "ParticipantVersionID": "", "JoinReason": ""}
    event = neonize_pb.GroupInfoEvent(JID=jid(GROUP), Sender=jid(OWN_LID), Timestamp=int(SENT.timestamp()), **blank, **changes)
    _, *records = decode("ana", entry(22, event.SerializeToString()))
    return records


def test_group_changes_name_member_author_and_time() -> None:
    """Who came, went, or got another role, and who did it; a new subject and description."""
    moves = group_event(Join=[jid(LID)], Leave=[jid(LID)], Promote=[jid(LID)], Demote=[jid(LID), jid(PHONE)])
    assert [(one.kind, one.member, one.author) for one in moves] == [
        ("join", LID, OWN_LID),
        ("leave", LID, OWN_LID),
        ("promote", LID, OWN_LID),
        ("demote", LID, OWN_LID),
        ("demote", PHONE, OWN_LID),
    ]
    assert {one.ts for one in moves} == {SENT.replace(microsecond=0)}
    name = neonize_pb.GroupName(Name="Pedidos", NameSetAt=1, NameSetBy=jid(LID))
    topic = neonize_pb.GroupTopic(Topic="hasta el viernes", TopicID="", TopicSetAt=1, TopicSetBy=jid(LID), TopicDeleted=False)
    chat, subject, description = group_event(Name=name, Topic=topic)
    assert (chat.name, subject.kind, subject.text) == ("Pedidos", "subject", "Pedidos")
    assert (description.kind, description.text) == ("topic", "hasta el viernes")


def test_a_group_that_was_joined_lists_its_members() -> None:
    """Everybody with their role, and both addresses of those whose number is told."""
    listed = [neonize_pb.GroupParticipant(JID=jid(LID), LID=jid(LID), PhoneNumber=jid(PHONE), IsAdmin=True),
              neonize_pb.GroupParticipant(JID=jid(OWN_LID))]  # fmt: skip
    group = neonize_pb.GroupInfo(JID=jid(GROUP), GroupName={"Name": "Pedidos"}, Participants=listed)
    event = neonize_pb.JoinedGroup(GroupInfo=group)
    raw, chat, pair, admin, member = decode("ana", entry(21, event.SerializePartialToString()))
    assert (raw.name, chat.name) == ("JoinedGroup", "Pedidos")  # type: ignore[attr-defined]
    assert pair == Contact(account="ana", jid=LID, phone="+573009876543", lid=LID)
    assert [(one.kind, one.member, one.ts) for one in (admin, member)] == [  # type: ignore[attr-defined]
        ("admin", LID, ARRIVED),
        ("member", OWN_LID, ARRIVED),
    ]


@pytest.mark.parametrize(
    ("code", "event", "expected"),
    [
        (37, neonize_pb.CallAccept(), ("answered", None)),
        (42, neonize_pb.CallTerminate(reason="timeout"), ("missed", "timeout")),
        (42, neonize_pb.CallTerminate(reason="accepted_elsewhere"), ("answered", "accepted_elsewhere")),
        (42, neonize_pb.CallTerminate(reason="busy"), ("rejected", "busy")),
        (42, neonize_pb.CallTerminate(reason="whatever"), ("ended", "whatever")),
    ],
)
def test_a_call_goes_on(code: int, event: Any, expected: tuple[str, str | None]) -> None:
    """Answer and end are facts of the call that was offered; the words of the library are kept."""
    meta = neonize_pb.BasicCallMeta(timestamp=int(SENT.timestamp()), callCreator=jid(LID), callID="C1", **{"from": jid(LID)})
    event.basicCallMeta.CopyFrom(meta)
    call, raw = decode("ana", entry(code, event.SerializePartialToString()))
    assert isinstance(call, Call)
    assert (call.state, call.reason) == expected
    assert (call.call_id, call.caller, call.ts) == ("C1", LID, SENT.replace(microsecond=0))
    assert (kind_of(call), kind_of(raw)) == (EventKind.CALL, EventKind.CALL)


def test_what_could_be_opened_once_says_so() -> None:
    """The library unwraps such a message and only sets a mark."""
    event = neonize_pb.Message.FromString(message_event(e2e_pb.Message(imageMessage=e2e_pb.ImageMessage(caption="mira"))))
    event.IsViewOnceV2 = True
    (message,) = decode("ana", entry(17, event.SerializeToString()))
    assert isinstance(message, Message)
    assert message.details == Details(view_once=True)
