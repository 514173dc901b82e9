"""
The records that cross borders: between processes, over REST, into notebooks.

All are frozen and keyword-only. Every instant is an aware UTC ``datetime``;
naive ones are refused when the record is made. Addresses are the text form of
non-device JIDs. ``repr`` is short and neutral: kind, id and state, never a body
or a full number, because notebooks keep what is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from wakit.details import Details

T = TypeVar("T")


class SessionState(StrEnum):
    """What a WhatsApp session is doing; sentences and next steps are in ``wakit.sentences``."""

    #: The worker process is being started.
    STARTING = "starting"
    #: A QR code waits to be scanned.
    QR = "qr"
    #: A pairing code waits to be typed on the phone.
    PAIRING = "pairing"
    #: Linked and online.
    CONNECTED = "connected"
    #: Linked, offline, trying again by itself.
    RECONNECTING = "reconnecting"
    #: All codes of a linking attempt ran out unused.
    QR_EXPIRED = "qr_expired"
    #: Scanned, but WhatsApp asks for something this library cannot do (a passkey).
    STALLED = "stalled"
    #: The phone or WhatsApp ended the session; it must be linked again.
    LOGGED_OUT = "logged_out"
    #: Another program uses the same session.
    REPLACED = "replaced"
    #: WhatsApp no longer accepts this version of the library.
    OUTDATED = "outdated"
    #: WhatsApp restricted the account.
    BANNED = "banned"
    #: Connected, but nothing has arrived for too long.
    DEAF = "deaf"
    #: The disk is full; nothing can be journaled.
    STORAGE_FULL = "storage_full"
    #: Not running, because nobody asked for it or somebody stopped it.
    STOPPED = "stopped"

    @property
    def is_linked(self) -> bool:
        """Whether a session in this state has a linked device behind it."""
        return self in _LINKED

    @property
    def is_final(self) -> bool:
        """Whether only a person can leave this state; it is never restarted by itself."""
        return self in _FINAL

    @property
    def is_waiting(self) -> bool:
        """Whether a person with a phone is expected to act now."""
        return self in {SessionState.QR, SessionState.PAIRING}


_FINAL = frozenset(
    {
        SessionState.QR_EXPIRED,
        SessionState.STALLED,
        SessionState.LOGGED_OUT,
        SessionState.REPLACED,
        SessionState.OUTDATED,
        SessionState.BANNED,
        SessionState.STOPPED,
    }
)
_LINKED = frozenset(
    {
        SessionState.CONNECTED,
        SessionState.RECONNECTING,
        SessionState.REPLACED,
        SessionState.OUTDATED,
        SessionState.BANNED,
        SessionState.DEAF,
        SessionState.STORAGE_FULL,
    }
)


class MessageType(StrEnum):
    """What a message is, as analysts filter by it."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    POLL = "poll"
    POLL_VOTE = "poll_vote"
    REACTION = "reaction"
    EDIT = "edit"
    REVOKE = "revoke"
    ORDER = "order"
    PRODUCT = "product"
    CALL = "call"
    SYSTEM = "system"
    UNDECRYPTABLE = "undecryptable"
    OTHER = "other"


class Source(StrEnum):
    """How a message came to us."""

    LIVE = "live"
    HISTORY = "history"
    IMPORT = "import"


class ReceiptState(StrEnum):
    """How far a message got; the order of the members is the order of progress."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    #: A receipt that says nothing of progress (retry, sender, peer, unknown types).
    OTHER = "other"


class GroupChangeKind(StrEnum):
    """What happened in a group, or what a list of its members said."""

    #: A list of members names this one.
    MEMBER = "member"
    #: A list of members names this one as an administrator.
    ADMIN = "admin"
    JOIN = "join"
    LEAVE = "leave"
    PROMOTE = "promote"
    DEMOTE = "demote"
    SUBJECT = "subject"
    TOPIC = "topic"


class CallState(StrEnum):
    """What is known of a call; later members say more than earlier ones."""

    OFFERED = "offered"
    #: It ended, and nothing said how.
    ENDED = "ended"
    MISSED = "missed"
    FAILED = "failed"
    REJECTED = "rejected"
    ANSWERED = "answered"


class SendState(StrEnum):
    """The life of one outgoing message (rule 5 of the flow)."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    #: The call was cut off: sent or not, nobody can tell. Never sent again by itself.
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"

    def is_settled(self, goal: SendState) -> bool:
        """Whether a send in this state got as far as *goal*, or will not get there by itself."""
        way = (SendState.QUEUED, SendState.SENDING, SendState.SENT, SendState.DELIVERED, SendState.READ)
        return self not in way or way.index(self) >= way.index(goal)


class Purpose(StrEnum):
    """What an automated message is for; one that a person writes in a conversation has none."""

    #: About something that the recipient did: an order, an appointment.
    TRANSACTIONAL = "transactional"
    #: An offer; only to those who agreed to get them.
    MARKETING = "marketing"


class MediaStatus(StrEnum):
    """What became of the file of a message."""

    #: Not here yet, or nobody asked for it.
    PENDING = "pending"
    STORED = "stored"
    #: Larger than the settings allow.
    TOO_LARGE = "too_large"
    #: Not what the message announced (hash, length), or announced so that nobody can fetch it.
    REFUSED = "refused"
    #: WhatsApp no longer has it.
    EXPIRED = "expired"
    #: It did not come, however often it was tried.
    FAILED = "failed"


class RunState(StrEnum):
    """How a run of a notebook is, or how it ended."""

    RUNNING = "running"
    DONE = "done"
    #: A cell raised.
    FAILED = "failed"
    #: It took longer than it was given.
    TIMEOUT = "timeout"
    #: Somebody ended it: Ctrl-C, or the machine was shut down.
    ABORTED = "aborted"
    #: Its process or its kernel died and could not say why.
    CRASHED = "crashed"


class EventKind(StrEnum):
    """What happened, as told on the event stream."""

    MESSAGE = "message"
    RECEIPT = "receipt"
    #: The file of a message was stored, or will not be.
    MEDIA = "media"
    #: A message of ours got further, or was queued.
    SEND = "send"
    #: A notebook run began or ended.
    RUN = "run"
    #: A campaign was planned, or changed its state.
    CAMPAIGN = "campaign"
    #: The session changed its state.
    STATE = "state"
    #: An interval in which messages may have been missed.
    GAP = "gap"
    HISTORY = "history"
    PRESENCE = "presence"
    TYPING = "typing"
    GROUP = "group"
    CONTACT = "contact"
    CALL = "call"
    #: Somebody agreed to messages or opted out.
    CONSENT = "consent"
    #: An event of the library that has no mapping yet; kept as it came.
    RAW = "raw"


@dataclass(frozen=True, kw_only=True)
class Record:
    """The base of all records: aware instants, neutral repr, plain-JSON form."""

    #: Names of the fields that hold instants: most records have one, and there are millions of records.
    _instants: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        own = tuple(name for name, kind in cls.__annotations__.items() if str(kind).startswith("datetime"))
        cls._instants = (*cls._instants, *own)

    def __post_init__(self) -> None:
        for name in self._instants:
            value = getattr(self, name)
            if value is None or (type(value) is datetime and value.tzinfo is UTC):
                continue
            if value.tzinfo is None:
                msg = f"{type(self).__name__}.{name} needs an aware datetime, got {value!r}"
                raise ValueError(msg)
            object.__setattr__(self, name, value.astimezone(UTC))

    @classmethod
    def sure(cls, **values: Any) -> Self:
        """
        Return a record of values for all fields, which are known to be right: instants in UTC.

        For decoders, which make millions: the constructor of a frozen class takes four times as long.
        """
        made = object.__new__(cls)
        made.__dict__.update(values)
        return made

    def __repr__(self) -> str:
        shown = (f for f in fields(self) if f.metadata.get("shown"))
        inner = ", ".join(f"{f.name}={str(getattr(self, f.name))!r}" for f in shown)
        return f"{type(self).__name__}({inner})"

    def with_(self, **changes: Any) -> Self:
        """Return a copy with other values."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain JSON values; instants become ISO 8601 in UTC."""
        dumped: dict[str, Any] = _adapter(type(self)).dump_python(self, mode="json")
        return dumped

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        record: Self = _adapter(cls).validate_python(data)
        return record


_adapters: dict[type[Record], Any] = {}


def _adapter(kind: type[Record]) -> Any:
    if kind not in _adapters:
        from pydantic import TypeAdapter  # the CLI's --help must not pay for it

        _adapters[kind] = TypeAdapter(kind)
    return _adapters[kind]


def _shown(**kwargs: Any) -> Any:
    return field(metadata={"shown": True}, **kwargs)


@dataclass(frozen=True, kw_only=True, repr=False)
class SessionStatus(Record):
    """Everything that a person wants to know of one session right now."""

    account: str = _shown()
    state: SessionState = _shown()
    #: When the session entered this state.
    since: datetime
    #: ``whatsapp`` for the real network, ``emulated:…`` for a descriptor's.
    network: str = "whatsapp"
    #: E.164 number of the linked phone.
    phone: str | None = None
    #: The name that the phone gave itself.
    push_name: str | None = None
    #: Device JID of this companion, e.g. ``573001234567:2@s.whatsapp.net``.
    device: str | None = None
    #: Text of the QR while it is valid. A secret: never logged or stored.
    qr: str | None = None
    #: Pairing code while it is valid. A secret as well.
    pairing_code: str | None = None
    #: When the QR or the pairing code stops being valid.
    code_expires_at: datetime | None = None
    #: When the next attempt to reconnect starts.
    retry_at: datetime | None = None
    #: Until when WhatsApp restricts the account.
    banned_until: datetime | None = None
    #: When anything last arrived from WhatsApp.
    last_traffic_at: datetime | None = None
    #: When the session was last connected.
    last_connected_at: datetime | None = None
    #: Cause in the words of WhatsApp or the library, for people who search for it.
    reason: str | None = None
    #: How often the worker was restarted since the host started.
    restarts: int = 0
    #: How much of the phone's history is stored, in percent as the phone counts; only while it comes and shortly after.
    history_percent: int | None = None
    #: Messages of it that are stored.
    history_messages: int = 0

    @property
    def emulated(self) -> bool:
        """Whether the session lives on an emulated network."""
        return self.network.startswith("emulated:")


@dataclass(frozen=True, kw_only=True, repr=False)
class Account(Record):
    """One linked phone number of the workspace."""

    id: str = _shown()
    network: str = _shown(default="whatsapp")
    phone: str | None = None
    lid: str | None = None
    push_name: str | None = None
    linked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Media(Record):
    """The file that a message announces, in the words of its sender: nothing of it is believed."""

    #: Bytes.
    size: int | None = _shown(default=None)
    #: Of the file itself, in hexadecimal digits.
    sha256: str | None = None
    file_name: str | None = None
    #: Length of audio and video.
    seconds: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Message(Record):
    """One message as it stands in a conversation."""

    account: str = _shown()
    chat: str
    sender: str
    #: The other address of the sender (phone for a LID and the other way round).
    sender_alt: str | None = None
    message_id: str = _shown()
    ts: datetime
    from_me: bool = False
    type: MessageType = _shown(default=MessageType.TEXT)
    text: str | None = None
    push_name: str | None = None
    #: Message that this one answers, edits, revokes or reacts to.
    target_id: str | None = None
    #: Sender of that message, where the message says it.
    target_sender: str | None = None
    mentions: tuple[str, ...] = ()
    forwarded: bool = False
    mimetype: str | None = None
    media: Media | None = None
    source: Source = Source.LIVE
    #: Whether the clock that stamped the message is not believable.
    clock_suspect: bool = False
    #: What only some messages have: a place, a poll, an expiry, …
    details: Details | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Receipt(Record):
    """Somebody's device tells how far messages got."""

    account: str = _shown()
    chat: str
    #: Who received, read or played.
    recipient: str
    message_ids: tuple[str, ...] = ()
    state: ReceiptState = _shown()
    #: The receipt type in the words of the library.
    raw_type: str = ""
    ts: datetime


@dataclass(frozen=True, kw_only=True, repr=False)
class MediaState(Record):
    """What became of the file of a message, at one instant."""

    account: str = _shown()
    chat: str
    sender: str
    message_id: str = _shown()
    from_me: bool = False
    status: MediaStatus = _shown()
    ts: datetime
    #: How often it was tried in vain so far.
    tries: int = 0
    #: Of the stored file: its bytes, and the hash that is its name.
    size: int | None = None
    sha256: str | None = None
    #: Why it is not stored.
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class MediaFile(Record):
    """The stored file of a message."""

    account: str = _shown()
    chat: str
    message_id: str = _shown()
    type: MessageType = _shown()
    #: As the sender says; nobody looked into the file.
    mimetype: str | None = None
    #: As the sender says: never use it as a path.
    file_name: str | None = None
    size: int = _shown()
    sha256: str
    #: Where it lies, on the machine of the host; its name is its hash.
    path: str

    def read(self) -> bytes:
        """Return the file's bytes."""
        return Path(self.path).read_bytes()


@dataclass(frozen=True, kw_only=True, repr=False)
class GroupChange(Record):
    """Something about a group or one of its members."""

    account: str = _shown()
    chat: str
    kind: GroupChangeKind = _shown()
    #: Who joined, left, or got another role.
    member: str | None = None
    #: Who did it.
    author: str | None = None
    #: The new subject or description.
    text: str | None = None
    ts: datetime
    source: Source = Source.LIVE


@dataclass(frozen=True, kw_only=True, repr=False)
class Call(Record):
    """Something about a call: that it was offered, answered, or how it ended."""

    account: str = _shown()
    chat: str
    #: Who called.
    caller: str
    call_id: str = _shown()
    state: CallState = _shown()
    #: In the words of the library.
    reason: str | None = None
    video: bool | None = None
    #: How long people talked, where that is told.
    seconds: int | None = None
    ts: datetime
    source: Source = Source.LIVE


@dataclass(frozen=True, kw_only=True, repr=False)
class PollVote(Record):
    """What an encrypted poll vote says, once it was decrypted, or why that was not possible."""

    account: str = _shown()
    chat: str
    #: The vote, a message of type ``poll_vote``.
    message_id: str = _shown()
    #: SHA-256 of each chosen option's text, in hexadecimal; none takes the vote back.
    chosen: tuple[str, ...] = ()
    #: Why it cannot be read.
    error: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Gap(Record):
    """An interval in which this account was not listening, so messages may be missing."""

    account: str = _shown()
    since: datetime = _shown()
    until: datetime = _shown()
    #: What ended the listening: ``killed``, ``offline``, ``stopped``, …
    cause: str = _shown()


@dataclass(frozen=True, kw_only=True, repr=False)
class HistoryRange(Record):
    """What one part of a phone's history holds of one chat: all that the phone still had from ``since`` to ``until``."""

    account: str = _shown()
    chat: str
    #: The oldest message.
    since: datetime = _shown()
    #: When the phone told it: behind the newest message nothing was said until then.
    until: datetime = _shown()
    messages: int = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class Raw(Record):
    """An event without a mapping of its own: its name and what can be said as JSON."""

    account: str = _shown()
    name: str = _shown()
    ts: datetime
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, repr=False)
class Event(Record):
    """One entry of the event stream."""

    #: Cursor: give it back to go on right behind this event.
    id: str = _shown()
    account: str = _shown()
    kind: EventKind = _shown()
    #: When the host's journal took the event.
    at: datetime
    #: The record as plain JSON (``Message``, ``Receipt``, ``SessionStatus`` without codes, …).
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, repr=False)
class Chat(Record):
    """One conversation."""

    account: str = _shown()
    chat: str
    name: str | None = None
    is_group: bool = False
    last_ts: datetime | None = None
    messages: int = _shown(default=0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Contact(Record):
    """One person, under all addresses that are known to be theirs."""

    account: str = _shown()
    jid: str
    phone: str | None = None
    lid: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Send(Record):
    """One outgoing message and how far it got."""

    id: str = _shown()
    account: str
    to: str
    #: What kind of message it is.
    type: MessageType = _shown(default=MessageType.TEXT)
    state: SendState = _shown()
    #: The id WhatsApp knows it by, once it was accepted.
    message_id: str | None = None
    created_at: datetime
    updated_at: datetime
    error: str | None = None
    #: The person who said what became of it, or sent it again, and when: nothing is left to decide.
    decided_by: str | None = None
    decided_at: datetime | None = None
    #: The send that a person repeated with this one.
    again_of: str | None = None
    #: What it is for; ``None`` where a person writes.
    purpose: Purpose | None = None
    #: Higher ones leave first.
    priority: int = 0
    #: It leaves at this time or later: its own, or until when something holds it back.
    not_before: datetime | None = None
    #: Where it has not left by this time, it is cancelled.
    not_after: datetime | None = None
    #: Id of the campaign that it belongs to.
    campaign: str | None = None
    #: Why it is held back until ``not_before``.
    waiting_for: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Terms(Record):
    """When and as what a message is to leave; see the same fields of ``Send``."""

    purpose: Purpose | None = None
    priority: int = 0
    not_before: datetime | None = None
    not_after: datetime | None = None
    campaign: str | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Run(Record):
    """One run of a notebook: the record of truth, which its output notebook is not."""

    id: str = _shown()
    #: Whose journal tells of it.
    account: str
    #: What is run, one at a time: the notebook, unless somebody named it otherwise.
    job: str = _shown()
    #: Which of its runs, such as the day or the slot of a schedule: what is done once under a key is not done again.
    key: str
    notebook: str
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Whether the host refuses everything but reading from it.
    dry_run: bool = True
    state: RunState = _shown()
    started_at: datetime
    ended_at: datetime | None = None
    #: Why it did not end well.
    error: str | None = None
    #: Its output notebook, below the workspace.
    output: str | None = None
    #: What the notebook said of itself, such as how many were sent.
    result: dict[str, Any] = field(default_factory=dict)
    #: The run of the same job and key that was cut off, and that this one goes on with.
    resumes: str | None = None


class CampaignState(StrEnum):
    """How far a campaign got."""

    #: A plan that nobody confirmed: nothing of it is queued.
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    #: Everything left, or never will.
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, repr=False)
class Campaign(Record):
    """One message to many people: what was planned, and how far it got."""

    id: str = _shown()
    #: What is never said twice to one person under this name with the same words.
    name: str = _shown()
    account: str
    purpose: Purpose
    state: CampaignState = _shown()
    #: How many get it, how many of the audience do not, and how many of those are kept back to compare with.
    recipients: int = _shown()
    excluded: int = 0
    held_out: int = 0
    #: How many of the recipients are in the queue, or were.
    queued: int = 0
    #: What the plan is known by; starting it needs this and the number of recipients.
    digest: str
    #: What the words and the file are known by.
    template_hash: str
    #: Share of the persons that is kept back.
    hold_out: float = 0.0
    not_before: datetime | None = None
    not_after: datetime | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    #: Who changed it last, and why, where they said so.
    by: str | None = None
    reason: str | None = None


def utc(seconds: float) -> datetime:
    """Return the aware UTC instant of a Unix time in seconds."""
    return datetime.fromtimestamp(seconds, UTC)
