"""Records as rows: what each record becomes in which table, and by which key it comes only once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from wakit.consent import Consent
from wakit.details import Details
from wakit.ids import dedupe_key
from wakit.model import (
    Call,
    Campaign,
    Chat,
    Contact,
    Gap,
    GroupChange,
    HistoryRange,
    Media,
    MediaState,
    Message,
    MessageType,
    PollVote,
    Raw,
    Receipt,
    ReceiptState,
    Record,
    Run,
    Send,
    SessionStatus,
)
from wakit.store.people import ME, Address, NameKind, People

#: Types that say something about another message.
CHANGES = frozenset({MessageType.EDIT, MessageType.REVOKE, MessageType.REACTION, MessageType.POLL_VOTE})

_ME = str(ME)
_KINDS_OF_THEIR_OWN = CHANGES | {MessageType.UNDECRYPTABLE}
#: What a row of ``change`` does to a message, and the places of its kind and of the message's id in it.
_CHANGING = {MessageType.EDIT, MessageType.REVOKE}
_KIND, _TARGET = 1, 8


class Row(NamedTuple):
    """One row on its way in; its values are in the order of its table's columns."""

    table: str
    values: tuple[Any, ...]
    #: What it must own to be stored; ``None`` comes once by its journal entry alone.
    key: bytes | None = None

    @property
    def origin(self) -> tuple[int, int]:
        """Its journal entry, and which row of that: every table ends with them."""
        return self.values[-2], self.values[-1]


def width(record: Record) -> int:
    """Return how many items of its journal entry a record takes."""
    return len(record.message_ids) if isinstance(record, Receipt) else 1


def introduce(people: People, no: int, at: datetime, record: Record) -> None:  # noqa: C901 - a table of records
    """
    Let *people* learn every address, pairing and name of a record, as of *at* where it has no time of its own.

    Raises:
        InvalidJID: One of the addresses is none.
        UnicodeEncodeError: The id of a message holds half a character.
    """
    match record:
        case Message():
            record.message_id.encode()
            _introduce_message(people, no, record)
        case Receipt():
            "".join(record.message_ids).encode()
            people.address(no, record.chat)
            people.address(no, record.recipient)
        case Contact():
            _introduce_contact(people, no, at, record)
        case Chat():
            chat = people.address(no, record.chat)
            people.rename(chat, NameKind.TITLE, record.name, at)
        case HistoryRange():
            people.address(no, record.chat)
        case MediaState():
            record.message_id.encode()
            people.address(no, record.chat)
            _author(people, no, record)
        case GroupChange():
            _known(people, no, record.chat, record.member, record.author)
        case Call():
            _known(people, no, record.chat, record.caller)
        case PollVote():
            _known(people, no, record.chat)
        case Send():
            people.address(no, record.to)
        case Consent():
            people.address(no, record.person)
        case SessionStatus(device=str() as device):
            people.me(no, device)


def rows_of(people: People, account: str, no: int, seq: int, item: int, record: Record) -> Iterable[Row]:
    """Return the rows of a record whose addresses are known; contacts and chats have none of their own."""
    origin = (seq, item)
    if isinstance(record, Message):
        return _said(people, account, no, record, origin)
    return _others(people, account, no, record, origin)


def _said(people: People, account: str, no: int, message: Message, origin: tuple[int, int]) -> list[Row]:
    if message.type is not MessageType.TEXT and message.type in CHANGES:
        return [_change(people, account, no, message, origin)]
    row = _message(people, account, no, message, origin)
    found = [row]
    if message.media is not None:
        found.append(_media(no, message.media, row))
    if message.details is not None:
        found.append(Row("detail", (no, *_details(message.details), *origin), row.key))
    return found


def _others(  # noqa: C901 - a table of records
    people: People, account: str, no: int, record: Record, origin: tuple[int, int]
) -> Iterator[Row]:
    match record:
        case MediaState():
            yield _media_state(people, no, record, origin)
        case Receipt():
            yield from _receipts(people, account, no, record, origin)
        case SessionStatus():
            yield Row("state", (no, record.since, record.state, record.reason, *origin))
        case HistoryRange():
            chat = people.address(no, record.chat).id
            yield Row("history", (no, chat, record.since, record.until, record.messages, *origin))
        case GroupChange():
            yield _group_change(people, no, record, origin)
        case Call():
            chat, caller = people.address(no, record.chat).id, people.address(no, record.caller).id
            said = (record.call_id, record.state, record.reason, record.video, record.seconds)
            yield Row("call_event", (no, chat, caller, *said, record.ts, record.source, *origin))
        case PollVote():
            chosen = None if record.error else list(record.chosen)
            chat = people.address(no, record.chat).id
            yield Row("poll_choice", (no, chat, record.message_id, chosen, record.error, *origin))
        case Gap():
            yield Row("gap", (no, record.since, record.until, record.cause, *origin))
        case Send():
            to = people.address(no, record.to).id
            stamps = (record.created_at, record.updated_at)
            decided = (record.type, record.decided_by, record.decided_at, record.again_of)
            terms = (record.purpose, record.priority, record.not_before, record.not_after, record.campaign, record.waiting_for)
            known = (record.state, record.message_id, *stamps, record.error)
            yield Row("send", (no, record.id, to, *known, *origin, *decided, *terms))
        case Run():
            yield Row("run", (no, *_run(record), *origin))
        case Consent():
            person = people.address(no, record.person).id
            what = (record.purpose, record.state, record.at, record.recorded_at, record.channel, record.by)
            yield Row("consent", (no, record.id, person, *what, record.text, record.evidence, *origin))
        case Campaign():
            yield Row("campaign", (no, *_campaign(record), *origin))
        case Raw():
            yield Row("raw", (no, record.name, record.ts, json.dumps(record.fields, ensure_ascii=False), *origin))


def message_key(account: str, chat: str, sender: str | None, message_id: str, kind: str) -> bytes:
    """
    Return the key of what is said of a message, by persons: however they are addressed, it is the same.

    Args:
        account: Its id.
        chat: Who stands for the chat.
        sender: Who stands for the one who said it; ``None`` is the account
            itself, under whichever of its addresses.
        message_id: Its id.
        kind: What else makes it another row: a placeholder, a receipt's state.
    """
    return dedupe_key(account, chat, _ME if sender is None else sender, message_id, kind)


def message_kind(message_type: str) -> str:
    """Return the kind of a message's key: a placeholder must not take the place of the message."""
    if message_type is MessageType.TEXT or message_type not in _KINDS_OF_THEIR_OWN:
        return "message"
    return message_type


def changed_ids(changes: Iterable[Row]) -> list[str]:
    """Return the ids of the messages that rows of ``change`` edit or revoke."""
    return [row.values[_TARGET] for row in changes if row.values[_KIND] in _CHANGING and row.values[_TARGET] is not None]


def receipt_kind(state: str, raw_type: str) -> str:
    """Return the kind of a receipt's key."""
    return f"receipt:{raw_type if state == ReceiptState.OTHER else state}"


def _introduce_message(people: People, no: int, message: Message) -> None:
    people.address(no, message.chat)
    sender = _author(people, no, message)
    if message.sender_alt:
        people.pair(sender, people.address(no, message.sender_alt), message.ts)
    if message.target_sender:
        people.address(no, message.target_sender)
    if message.push_name and not message.from_me:
        people.rename(sender, NameKind.PUSH, message.push_name, message.ts)


def _introduce_contact(people: People, no: int, at: datetime, contact: Contact) -> None:
    named = people.address(no, contact.jid)
    phone = people.address(no, f"{contact.phone.lstrip('+')}@s.whatsapp.net") if contact.phone else None
    lid = people.address(no, contact.lid) if contact.lid else None
    if phone and lid:
        people.pair(phone, lid, at)
    people.rename(named, NameKind.PUSH, contact.name, at)


def _message(people: People, account: str, no: int, message: Message, origin: tuple[int, int]) -> Row:
    chat, sender = people.address(no, message.chat), _author(people, no, message)
    values = (
        no,
        chat.id,
        sender.id,
        message.message_id,
        message.ts,
        message.from_me,
        message.type,
        message.text,
        message.target_id,
        people.address(no, message.target_sender).id if message.target_sender else None,
        list(message.mentions) if message.mentions else None,
        message.forwarded,
        message.mimetype,
        message.source,
        message.clock_suspect,
        *origin,
    )
    return Row("message", values, _key(account, chat, sender, message))


def _media(no: int, about: Media, row: Row) -> Row:
    values = (about.size, about.sha256, about.file_name, about.seconds, about.width, about.height)
    # The message's own key: where another row has the message, it has the file as well.
    return Row("media", (no, *values, *row.origin), row.key)


def _change(people: People, account: str, no: int, message: Message, origin: tuple[int, int]) -> Row:
    chat, sender = people.address(no, message.chat), _author(people, no, message)
    values = (
        no,
        message.type,
        chat.id,
        sender.id,
        message.message_id,
        message.ts,
        message.from_me,
        message.text,
        message.target_id,
        people.address(no, message.target_sender).id if message.target_sender else None,
        message.source,
        *origin,
    )
    return Row("change", values, _key(account, chat, sender, message))


def _details(details: Details) -> tuple[Any, ...]:
    cards = [{"name": card.name, "phones": list(card.phones)} for card in details.cards]
    return (
        details.expires_after,
        details.view_once,
        details.quoted_text,
        details.latitude,
        details.longitude,
        details.place_name,
        details.place_address,
        cards or None,
        details.poll_question,
        list(details.poll_options) or None,
        details.poll_choices,
        details.item_id,
        details.item_title,
        details.item_count,
        details.price,
        details.currency,
        details.call_outcome,
        details.call_seconds,
        details.call_video,
    )


def _campaign(campaign: Campaign) -> tuple[Any, ...]:
    return (
        campaign.id,
        campaign.name,
        campaign.purpose,
        campaign.state,
        campaign.recipients,
        campaign.excluded,
        campaign.held_out,
        campaign.queued,
        campaign.template_hash,
        campaign.hold_out,
        campaign.not_before,
        campaign.not_after,
        campaign.created_at,
        campaign.updated_at,
        campaign.started_at,
        campaign.ended_at,
        campaign.by,
        campaign.reason,
    )


def _group_change(people: People, no: int, change: GroupChange, origin: tuple[int, int]) -> Row:
    member, author = (people.address(no, who).id if who else None for who in (change.member, change.author))
    chat = people.address(no, change.chat).id
    return Row("group_change", (no, chat, change.kind, member, author, change.text, change.ts, change.source, *origin))


def _known(people: People, no: int, *addresses: str | None) -> None:
    for text in addresses:
        if text is not None:
            people.address(no, text)


def _receipts(people: People, account: str, no: int, receipt: Receipt, origin: tuple[int, int]) -> Iterator[Row]:
    chat, recipient = people.address(no, receipt.chat), people.address(no, receipt.recipient)
    kind = receipt_kind(receipt.state, receipt.raw_type)
    seq, first = origin
    for item, message_id in enumerate(receipt.message_ids, first):
        values = (no, chat.id, recipient.id, message_id, receipt.state, receipt.raw_type, receipt.ts, seq, item)
        key = message_key(account, chat.person.text, recipient.person.text, message_id, kind)
        yield Row("receipt", values, key)


def _media_state(people: People, no: int, state: MediaState, origin: tuple[int, int]) -> Row:
    chat, sender = people.address(no, state.chat), _author(people, no, state)
    about = (state.message_id, state.status, state.ts, state.tries, state.size, state.sha256, state.reason)
    return Row("media_state", (no, chat.id, sender.id, state.from_me, *about, *origin))


def _author(people: People, no: int, said: Message | MediaState) -> Address:
    return people.me(no, said.sender) if said.from_me else people.address(no, said.sender)


def _run(run: Run) -> tuple[object, ...]:
    given, said = (json.dumps(values, ensure_ascii=False) for values in (run.parameters, run.result))
    about = (run.id, run.job, run.key, run.notebook, given, run.dry_run, run.state)
    return (*about, run.started_at, run.ended_at, run.error, run.output, said, run.resumes)


def _key(account: str, chat: Address, sender: Address, message: Message) -> bytes:
    author = None if message.from_me else sender.person.text
    return message_key(account, chat.person.text, author, message.message_id, message_kind(message.type))
