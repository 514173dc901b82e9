"""
Messages as the rows that a thread in the browser draws.

A row has words only: everything that WhatsApp's people wrote is text in it, and
everything that wakit says is in the person's language. Rows come from the timeline,
which knows all of a message, or from a live event, which is earlier and knows less;
both have the same key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from wakit.errors import InvalidPhoneNumber
from wakit.ids import JID, phone_number
from wakit.languages import Language, mark, speak, translate
from wakit.model import Event, MediaStatus, Message, MessageType
from wakit.redact import hash_jid, initials, mask_numbers, mask_phone
from wakit.widgets.people import People, Row, bare

#: How many hues names have in the browser.
TONES = 8
#: Most characters of a quote; the browser shows two lines.
_QUOTE = 160
#: Most characters of a name: anybody chooses their own, WhatsApp's app allows 25.
_NAME = 80

#: What stands for a message that is more, or other, than text.
LABELS: dict[str, str] = {
    MessageType.IMAGE: mark("📷 Photo"),
    MessageType.VIDEO: mark("🎬 Video"),
    MessageType.AUDIO: mark("🎵 Audio"),
    MessageType.VOICE: mark("🎤 Voice message"),
    MessageType.DOCUMENT: mark("📄 Document"),
    MessageType.STICKER: mark("Sticker"),
    MessageType.LOCATION: mark("📍 Location"),
    MessageType.CONTACT: mark("👤 Contact card"),
    MessageType.POLL: mark("📊 Poll"),
    MessageType.ORDER: mark("🛒 Order"),
    MessageType.PRODUCT: mark("🏷 Product"),
    MessageType.CALL: mark("📞 Call"),
    MessageType.UNDECRYPTABLE: mark("This message could not be read yet. The phone has it."),
    MessageType.OTHER: mark("A kind of message that is only shown on the phone"),
}
_SYSTEM = frozenset({MessageType.SYSTEM, MessageType.CALL})
#: Messages that say something about another one and have no place of their own.
CHANGES = frozenset({MessageType.REACTION, MessageType.EDIT, MessageType.REVOKE, MessageType.POLL_VOTE})

_TICKS = {
    "queued": ("🕓", mark("Waiting to be sent")),
    "sending": ("🕓", mark("Being sent")),
    "sent": ("✓", mark("Sent")),
    "delivered": ("✓✓", mark("Delivered")),
    "read": ("✓✓", mark("Read")),
    "played": ("✓✓", mark("Played")),
    "failed": ("⚠", mark("Not sent")),
    "unknown": ("?", mark("Nobody can tell whether it arrived")),
    "cancelled": ("⊘", mark("Taken back before it was sent")),
}
_FILES = {
    MediaStatus.TOO_LARGE: mark("Too large to be fetched"),
    MediaStatus.REFUSED: mark("Not what it was announced to be"),
    MediaStatus.EXPIRED: mark("No longer on WhatsApp; ask for it to be sent again"),
    MediaStatus.FAILED: mark("It could not be fetched"),
}


@dataclass
class Bubbles:
    """Makes rows for one widget."""

    lang: Language
    #: Initials instead of names, masked numbers, no pictures.
    private: bool = False
    #: Whether rows say of which chat they are.
    names_chats: bool = True
    people: People = field(default_factory=People)

    def of_timeline(self, entry: Row) -> Row:
        """Return the row of a message of the timeline."""
        account, chat, sender = entry["account"], entry["chat"], entry["sender"]
        self.people.call(account, chat, entry["chat_name"])
        if not entry["from_me"]:
            self.people.call(account, sender, entry["sender_name"])
        row = self._row(account, chat, sender, entry["message_id"], datetime.fromisoformat(entry["ts"]), entry["type"])
        row |= self._who(account, chat, sender, mine=entry["from_me"], is_group=entry["is_group"])
        row |= ticked(entry["state"], self.lang)
        row |= {
            "text": self._said(entry["text"]),
            "cursor": entry["cursor"],
            "edited": entry["edited_at"] is not None,
            "revoked": entry["revoked_at"] is not None,
            "forwarded": bool(entry["forwarded"]),
            "reactions": [self._reaction(account, one) for one in entry["reactions"]],
            "quoted": self._quoted(account, chat, entry["quoted"]),
            "media": self._media(entry["type"], entry["media"]),
        }
        return row

    def of_message(self, message: Message) -> Row:
        """Return the row of a message that was just told; what it answers is only named."""
        people, account = self.people, message.account
        if message.sender_alt and not message.from_me:
            phone, lid = sorted((bare(message.sender), bare(message.sender_alt)), key=lambda one: one.endswith("@lid"))
            people.same(account, lid, phone)
        chat, sender = people.shown(account, message.chat), people.shown(account, message.sender)
        if message.push_name and not message.from_me and not people.is_known(account, sender):
            people.call(account, sender, message.push_name)
        row = self._row(account, chat, sender, message.message_id, message.ts, message.type)
        row |= self._who(account, chat, sender, mine=message.from_me, is_group=chat.endswith("@g.us"))
        row |= ticked("sent" if message.from_me else None, self.lang)
        about = message.media and {
            "status": MediaStatus.PENDING,
            "mimetype": message.mimetype,
            "file_name": message.media.file_name,
            "size": message.media.size,
            "seconds": message.media.seconds,
            "width": message.media.width,
            "height": message.media.height,
            "reason": None,
        }
        row |= {
            "text": self._said(message.text),
            "cursor": None,
            "edited": False,
            "revoked": False,
            "forwarded": message.forwarded,
            "reactions": [],
            "quoted": None,
            "media": self._media(message.type, about or None),
        }
        if message.target_id:
            row["quoted"] = {"key": key(account, chat, message.target_id), "name": None, "text": None}
        return row

    def of_typing(self, event: Event) -> Row | None:
        """Return who types where, or stopped; nothing if the event does not say."""
        fields = event.data.get("fields", {})
        source, people = fields.get("MessageSource", {}), self.people
        if not source.get("Chat") or not source.get("Sender"):
            return None
        chat, sender = people.shown(event.account, source["Chat"]), people.shown(event.account, source["Sender"])
        on = fields.get("State") == "COMPOSING"
        place = self.name(event.account, chat) if chat.endswith("@g.us") and self.names_chats else None
        who, name = key(event.account, chat, sender), self.name(event.account, sender)
        return {"chat": chat, "who": who, "name": name, "in": place, "on": on}

    def of_chat(self, account: str, chat: str) -> Row:
        """Return whom a chat is with."""
        return {"name": self.name(account, chat), "number": self._number(chat)}

    def name(self, account: str, address: str, called: str | None = None) -> str:
        """Return what to call somebody, or nobody in particular where names are private."""
        found = _bounded(called or self.people.names.get((account, address)) or "")
        jid = JID.parse(address)
        number = f"+{jid.user}" if jid.is_phone else ""
        is_number = not any(letter.isalpha() for letter in found)
        if self.private:
            return initials(found) if not is_number else mask_phone(number) if number else f"·{hash_jid(address)[:4]}"
        if not is_number or not number:
            return found or (speak(self.lang, "Group") if jid.is_group else f"·{jid.user[-4:]}")
        return _pretty(number)

    def _number(self, address: str) -> str:
        jid = JID.parse(address)
        number = f"+{jid.user}" if jid.is_phone else ""
        return mask_phone(number) if self.private and number else _pretty(number)

    def _row(self, account: str, chat: str, sender: str, message_id: str, ts: datetime, kind: str) -> Row:
        label = LABELS.get(kind)
        return {
            "key": key(account, chat, message_id),
            "ts": round(ts.timestamp() * 1000),
            "type": str(kind),
            "label": translate(self.lang, label) if label else None,
            "tone": int(hash_jid(sender), 16) % TONES,
            "system": kind in _SYSTEM,
            "problem": None,
        }

    def _who(self, account: str, chat: str, sender: str, *, mine: bool, is_group: bool) -> Row:
        name = None if mine or not (is_group or self.names_chats) else self.name(account, sender)
        shows_chat = self.names_chats and (mine or is_group)
        place = self.name(account, chat) if shows_chat else None
        return {"mine": mine, "name": name, "chat_name": f"→ {place}" if mine and place else place, "chat": chat}

    def _said(self, text: str | None) -> str | None:
        return mask_numbers(text) if text and self.private else text

    def _reaction(self, account: str, one: Row) -> Row:
        people = [self.name(account, who["sender"], who["sender_name"]) for who in one["people"]]
        return {"reaction": one["reaction"], "people": people}

    def _quoted(self, account: str, chat: str, quoted: Row | None) -> Row | None:
        if quoted is None:
            return None
        name = None
        if quoted["from_me"]:
            name = speak(self.lang, "You")
        elif quoted["sender"]:
            name = self.name(account, quoted["sender"], quoted["sender_name"])
        label = LABELS.get(quoted["type"] or "")
        text = self._said(quoted["text"]) or (translate(self.lang, label) if label else None)
        return {"key": key(account, chat, quoted["message_id"]), "name": name, "text": text and text[:_QUOTE]}

    def _media(self, kind: str, about: Row | None) -> Row | None:
        if about is None:
            return None
        status = MediaStatus(about["status"])
        told = _FILES.get(status)
        label = LABELS.get(kind, LABELS[MessageType.DOCUMENT])
        return {
            "type": str(kind),
            "label": translate(self.lang, label),
            "status": status.value,
            "here": status is MediaStatus.STORED,
            "note": translate(self.lang, told) if told else None,
            "name": None if self.private else about["file_name"],
            "size": size_text(about["size"]),
            "length": _length(about["seconds"]),
            "ratio": _ratio(about["width"], about["height"]),
            "private": self.private,
        }


def ticked(state: str | None, lang: Language) -> Row:
    """Return how far a message of ours got, as a sign and a word."""
    if state is None:
        return {"state": None, "tick": None, "tick_name": None}
    tick, name = _TICKS[state]
    return {"state": state, "tick": tick, "tick_name": translate(lang, name)}


def key(account: str, chat: str, message_id: str) -> str:
    """Return what names a message in all rows, and tells where it is."""
    return f"{account}/{chat}/{message_id}"


def unlock(text: str) -> tuple[str, str, str]:
    """Return account, chat and id of a key; empty ones if it is none."""
    account, chat, message_id = (*text.split("/", 2), "", "", "")[:3]
    return account, chat, message_id


def size_text(size: int | None) -> str:
    """Return how large a file is, for people."""
    if not size:
        return ""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size} {unit}"
        size //= 1000
    return f"{size} GB"


def _length(seconds: int | None) -> str:
    return f"{seconds // 60}:{seconds % 60:02}" if seconds else ""


def _ratio(width: int | None, height: int | None) -> float | None:
    """Return width by height, within what a thread can show."""
    return min(3.0, max(0.4, width / height)) if width and height else None


def _bounded(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[:_NAME]}…"


def _pretty(number: str) -> str:
    try:
        return phone_number(number).pretty
    except InvalidPhoneNumber:
        return number
