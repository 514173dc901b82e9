"""
What one message of an export is: a text, a photo that was left out, a call, a poll.

Most messages are plain text and never come here; ``batches`` sends only those
that have a sign of WhatsApp's own words, and each distinct one once.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from wakit.importers import phrases
from wakit.model import MessageType

_OWN_MARKS = "\u200e\u200f"
_SILENT = re.compile(r"[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"[\s\u00a0\u202f]+")
_FILE = r"[^\n<>:*?\"|/\\]{1,200}\.[A-Za-z0-9]{1,8}"
#: ``IMG-20250330-WA0010.jpg (file attached)`` and ``<attached: 00000035-PHOTO-2022.jpg>``, in any language.
_ANDROID_FILE = re.compile(rf"({_FILE}) \(([^()\n]+)\)")
_IPHONE_FILE = re.compile(rf"<[^<>:\n]{{2,40}}[:：] ?({_FILE})>")
_WHATSAPP_FILE = re.compile(r"(?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d+\.")
_BRACKETED = re.compile(r"<([^<>\n]{3,80})>")
_LAST_BRACKETED = re.compile(r"\s?<([^<>\n]{3,80})>$")
_PLACE = re.compile(r"(?:^|: ?)https?://(?:maps\.google\.com/\?q=|foursquare\.com/v/|maps\.app\.goo\.gl/)\S+$")
_OPTION = re.compile(r"\w+: .*\(\d+ [^()\n]+\)$")
_EXTENSIONS = {
    MessageType.IMAGE: "jpg jpeg png heic",
    MessageType.VIDEO: "mp4 mov 3gp mkv gif avi",
    MessageType.VOICE: "opus",
    MessageType.AUDIO: "mp3 m4a aac ogg wav amr",
    MessageType.STICKER: "webp was",
    MessageType.CONTACT: "vcf",
}
_KINDS = {extension: kind for kind, extensions in _EXTENSIONS.items() for extension in extensions.split()}
_NAMED_KINDS = {
    "IMG": MessageType.IMAGE,
    "VID": MessageType.VIDEO,
    "PTT": MessageType.VOICE,
    "AUD": MessageType.AUDIO,
    "STK": MessageType.STICKER,
    "DOC": MessageType.DOCUMENT,
    "-PHOTO-": MessageType.IMAGE,
    "-VIDEO-": MessageType.VIDEO,
    "-GIF-": MessageType.VIDEO,
    "-AUDIO-": MessageType.VOICE,
    "-STICKER-": MessageType.STICKER,
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is."""

    type: MessageType
    #: The text or the caption; nothing where WhatsApp's words were all there was.
    text: str | None
    #: Name of the file that was sent with it.
    attachment: str | None = None
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """What the file as a whole tells about WhatsApp's words in it."""

    #: Whether it comes from an iPhone, which marks its own words.
    marks_own_words: bool = False
    #: Bracketed sentences that stand for whole messages, beyond those in the lists.
    omitted: Collection[str] = ()
    #: Bracketed sentences that stand behind texts.
    edited: Collection[str] = ()


def plain(text: str) -> str:
    """Return WhatsApp's words as the lists spell them."""
    return _SPACE.sub(" ", _SILENT.sub("", text)).strip().rstrip(".。").casefold()


def bracketed(text: str) -> tuple[str, bool] | None:
    """Return the last bracketed sentence of a message, and whether it is its whole first line."""
    bare = _SILENT.sub("", text).strip()
    if whole := _BRACKETED.fullmatch(bare.partition("\n")[0].strip()):
        return plain(whole[1]), True
    last = _LAST_BRACKETED.search(bare)
    return (plain(last[1]), False) if last else None


def content_of(text: str, habits: Habits) -> Content:
    """Return what a message is, from everything that stands behind its sender."""
    edited, text = _without_edit_mark(text, habits)
    first, _, caption = text.partition("\n")
    content = _media(first, caption.strip() or None, habits) or _notice(first, text, habits)
    if content is None:
        content = Content(MessageType.TEXT, text.lstrip(_OWN_MARKS) if habits.marks_own_words else text)
    return replace(content, edited=True) if edited else content


def notice(text: str) -> Content:
    """Return what a line without a sender is: a call, or something WhatsApp says."""
    kind = MessageType.CALL if _is_call(plain(text)) else MessageType.SYSTEM
    return Content(kind, _SILENT.sub("", text).strip())


def file_kind(name: str) -> MessageType:
    """Return what a file is, by the name that WhatsApp gave it or by its extension."""
    for sign, kind in _NAMED_KINDS.items():
        if name.startswith(f"{sign}-") or (sign[0] == "-" and sign in name):
            return kind
    return _KINDS.get(name.rpartition(".")[2].lower(), MessageType.DOCUMENT)


def _without_edit_mark(text: str, habits: Habits) -> tuple[bool, str]:
    found = _LAST_BRACKETED.search(text.rstrip())
    if found is None or found.start() == 0:
        return False, text
    words = plain(found[1])
    if words not in phrases.EDITED and words not in habits.edited:
        return False, text
    return True, text[: found.start()].rstrip().rstrip(_OWN_MARKS).rstrip()


def _media(first: str, caption: str | None, habits: Habits) -> Content | None:
    """Return the content if the first line stands for media; the lines below are the caption."""
    bare = _SILENT.sub("", first).strip()
    found = _IPHONE_FILE.search(bare)
    if found and found.end() == len(bare):
        # iPhones write the name of a document before its file.
        return Content(file_kind(found[1]), caption, found[1].strip())
    found = _ANDROID_FILE.fullmatch(bare)
    if found and (plain(found[2]) in phrases.ATTACHED or _WHATSAPP_FILE.match(found[1])):
        return Content(file_kind(found[1]), caption, found[1])
    if (found := _BRACKETED.fullmatch(bare)) and (words := plain(found[1])):
        if words in phrases.OMITTED_KINDS:
            return Content(phrases.OMITTED_KINDS[words], caption)
        if words in phrases.OMITTED or words in habits.omitted:
            return Content(MessageType.OTHER, caption)
    before, own = _own_words(first)
    kind = phrases.OMITTED_KINDS.get(plain(own))
    if kind is not None and (before is not None or own is first):
        document = before.partition("•")[0].strip() if before else None
        return Content(kind, caption, document if kind is MessageType.DOCUMENT else None)
    return None


def _own_words(line: str) -> tuple[str | None, str]:
    """Cut a line at the last mark that an iPhone puts before its own words."""
    at = max(line.rfind(mark) for mark in _OWN_MARKS)
    return (None, line) if at < 0 else (_SILENT.sub("", line[:at]).strip(), line[at:])


def _notice(first: str, text: str, habits: Habits) -> Content | None:
    """Return the content if the text is WhatsApp's own: deleted, call, place, poll, notice."""
    words = plain(text)
    if words in phrases.DELETED:
        return Content(MessageType.OTHER, None, deleted=True)
    if words.startswith(phrases.UNDECRYPTABLE):
        return Content(MessageType.UNDECRYPTABLE, None)
    if words in phrases.LIVE_LOCATIONS or _PLACE.search(_SILENT.sub("", first).strip()):
        return Content(MessageType.LOCATION, _SILENT.sub("", text).strip())
    if _is_poll(first, text):
        return Content(MessageType.POLL, _SILENT.sub("", text).partition("\n")[2].strip())
    if _is_call(words):
        return Content(MessageType.CALL, _SILENT.sub("", text).strip())
    is_own = habits.marks_own_words and text.startswith(tuple(_OWN_MARKS)) and len(text) > 1
    if is_own or words.startswith(phrases.NOTICES):
        return Content(MessageType.SYSTEM, _SILENT.sub("", text).strip())
    return None


def _is_poll(first: str, text: str) -> bool:
    title = plain(first)
    if not title.endswith(":"):
        return False
    options = sum(bool(_OPTION.match(_SILENT.sub("", line).strip())) for line in text.split("\n")[1:])
    return options > 0 if title[:-1] in phrases.POLLS else options > 1


def _is_call(words: str) -> bool:
    call = next((call for call in phrases.CALLS if words.startswith(call)), None)
    if call is None:
        return False
    rest = words[max(len(call) for call in phrases.CALLS if words.startswith(call)) :]
    return not rest or (rest[0] in ",.;" and len(words) < 100)
