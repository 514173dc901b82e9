"""
What is to be said: the content of an outgoing message, before WhatsApp has it.

One frozen record for each kind, with one JSON form: REST takes it, the outbox keeps it
in its row, and the worker builds the message from it. Fields that hold their
default are left out of it, so that a later version with more fields still gives the same form for the same
content, by which an idempotency key is compared.

A record can only be made of what WhatsApp carries; everything else is refused here, before
anything is queued. Earlier messages are named by their id alone: who wrote them
is looked up when it matters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, ClassVar, Literal, Self

from wakit.errors import InvalidInput
from wakit.filekinds import FILE_KINDS, FileKind
from wakit.ids import phone_number, recipient
from wakit.model import MessageType, Record

#: Longest text, caption or name, in bytes of UTF-8.
TEXT_LIMIT = 64 * 1024
#: Longest reaction, in characters: one emoji of a family has eleven.
EMOJI_LIMIT = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")
CAPTIONED = {"image", "video", "document"}
#: Most answers of a poll.
OPTION_LIMIT = 12


@dataclass(frozen=True, kw_only=True, repr=False)
class Content(Record):
    """The base of all kinds."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    #: How long after its sending the message that this is about may be changed; ``None`` where that does not matter.
    window: ClassVar[timedelta | None] = None
    #: Whether that message must be one of ours.
    own_only: ClassVar[bool] = False

    #: As in ``MessageType``.
    kind: str

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """
        Refuse what WhatsApp does not carry.

        Raises:
            InvalidInput: With what is wrong and what to do.
        """

    @property
    def type(self) -> MessageType:
        """What the message will be."""
        return MessageType(self.kind)

    @property
    def about(self) -> str | None:
        """Id of the earlier message that this one answers or changes."""
        return None

    def addressed(self, country: str | None) -> Self:  # noqa: ARG002 - those with addresses in them need it
        """Return it with the people in it under WhatsApp's addresses; *country* is that of national numbers."""
        return self

    def to_json(self) -> dict[str, Any]:
        said = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}
        return {"kind": self.kind} | {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}


@dataclass(frozen=True, kw_only=True, repr=False)
class Text(Content):
    """A text, which may answer a message and mention people."""

    kind: Literal["text"] = "text"
    text: str
    #: Phone numbers or addresses; each one's ``@digits`` stands in the text.
    mentions: tuple[str, ...] = ()
    #: Id of the message that it answers.
    reply_to: str | None = None

    def check(self) -> None:
        _words("text", self.text, required=True)

    @property
    def about(self) -> str | None:
        return self.reply_to

    def addressed(self, country: str | None) -> Self:
        return self.with_(mentions=_mentioned(self.text, self.mentions, country))


@dataclass(frozen=True, kw_only=True, repr=False)
class Reaction(Content):
    """An emoji under a message; an empty one takes the last one back."""

    kind: Literal["reaction"] = "reaction"
    message_id: str
    emoji: str

    def check(self) -> None:
        _words("emoji", self.emoji)
        if len(self.emoji) > EMOJI_LIMIT:
            msg = f"A reaction is one emoji, not {len(self.emoji)} characters. To answer with words, send a text."
            raise InvalidInput(msg, length=len(self.emoji))

    @property
    def about(self) -> str | None:
        return self.message_id


@dataclass(frozen=True, kw_only=True, repr=False)
class Edit(Content):
    """Another text in the place of one of ours."""

    #: Other people's apps ignore later edits.
    window: ClassVar[timedelta | None] = timedelta(minutes=20)
    own_only: ClassVar[bool] = True

    kind: Literal["edit"] = "edit"
    message_id: str
    text: str
    mentions: tuple[str, ...] = ()

    def check(self) -> None:
        _words("text", self.text, required=True)

    @property
    def about(self) -> str | None:
        return self.message_id

    def addressed(self, country: str | None) -> Self:
        return self.with_(mentions=_mentioned(self.text, self.mentions, country))


@dataclass(frozen=True, kw_only=True, repr=False)
class Deletion(Content):
    """Takes one of our messages back, for everyone."""

    #: Other people's apps ignore later deletions.
    window: ClassVar[timedelta | None] = timedelta(hours=60)
    own_only: ClassVar[bool] = True

    kind: Literal["revoke"] = "revoke"
    message_id: str

    @property
    def about(self) -> str | None:
        return self.message_id


@dataclass(frozen=True, kw_only=True, repr=False)
class File(Content):
    """A file that was handed over before, named by its hash."""

    kind: FileKind
    #: SHA-256 of the file, in hexadecimal digits.
    sha256: str
    #: Words below an image, a video or a document.
    caption: str = ""
    #: What a document is called.
    name: str | None = None
    #: Length of audio and video, for people who have not fetched it yet.
    seconds: int = 0
    mentions: tuple[str, ...] = ()
    reply_to: str | None = None
    #: Bytes, and the type of the file; the host knows them better than whoever sends it.
    size: int = 0
    mimetype: str = ""

    def check(self) -> None:
        if self.kind not in FILE_KINDS:
            msg = f"{self.kind!r} is no kind of file. Choose one of: {', '.join(FILE_KINDS)}."
            raise InvalidInput(msg, field="kind")
        _words("caption", self.caption)
        _words("name", self.name or "")
        if self.caption and self.kind not in CAPTIONED:
            msg = f"WhatsApp shows no caption with the kind {self.kind}. Send the words as a text of their own."
            raise InvalidInput(msg, field="caption")
        if not _SHA256.fullmatch(self.sha256):
            msg = f"{self.sha256[:80]!r} is no SHA-256 in hexadecimal digits. Hand the file over first: POST /api/files."
            raise InvalidInput(msg, field="sha256")
        if not 0 <= self.seconds < 2**31:
            msg = f"A file cannot last {self.seconds} seconds."
            raise InvalidInput(msg, field="seconds")

    @property
    def about(self) -> str | None:
        return self.reply_to

    def addressed(self, country: str | None) -> Self:
        return self.with_(mentions=_mentioned(self.caption, self.mentions, country))


@dataclass(frozen=True, kw_only=True, repr=False)
class Place(Content):
    """A place on the map."""

    kind: Literal["location"] = "location"
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""
    reply_to: str | None = None

    def check(self) -> None:
        for name, value, limit in (("latitude", self.latitude, 90), ("longitude", self.longitude, 180)):
            if not -limit <= value <= limit:  # also refuses what is no number
                msg = f"The {name} {value!r} is not on the map: it lies between -{limit} and {limit}."
                raise InvalidInput(msg, field=name)
        _words("name", self.name)
        _words("address", self.address)

    @property
    def about(self) -> str | None:
        return self.reply_to


@dataclass(frozen=True, kw_only=True, repr=False)
class Card(Content):
    """Somebody's name and number."""

    kind: Literal["contact"] = "contact"
    name: str
    phone: str
    reply_to: str | None = None

    def check(self) -> None:
        _words("name", self.name, required=True)

    @property
    def about(self) -> str | None:
        return self.reply_to

    def addressed(self, country: str | None) -> Self:
        return self.with_(phone=phone_number(self.phone, country=country).e164)


@dataclass(frozen=True, kw_only=True, repr=False)
class Poll(Content):
    """A question with answers to choose from."""

    kind: Literal["poll"] = "poll"
    question: str
    options: tuple[str, ...]
    #: How many answers one person may choose.
    choices: int = 1

    def check(self) -> None:
        _words("question", self.question, required=True)
        for option in self.options:
            _words("option", option, required=True)
        if not 2 <= len(self.options) <= OPTION_LIMIT or len(set(self.options)) < len(self.options):
            msg = f"A poll has 2 to {OPTION_LIMIT} different options."
            raise InvalidInput(msg, options=len(self.options))
        if not 1 <= self.choices <= len(self.options):
            msg = f"One person may choose 1 to {len(self.options)} of the options, not {self.choices}."
            raise InvalidInput(msg, choices=self.choices)


Said = Text | File | Reaction | Edit | Deletion | Place | Card | Poll

_KINDS: dict[str, type[Said]] = {
    "text": Text,
    "reaction": Reaction,
    "edit": Edit,
    "revoke": Deletion,
    "location": Place,
    "contact": Card,
    "poll": Poll,
    **dict.fromkeys(FILE_KINDS, File),
}


def said(form: dict[str, Any]) -> Said:
    """
    Read what ``to_json`` wrote.

    Raises:
        InvalidInput: A newer wakit wrote it.
    """
    kind = _KINDS.get(form.get("kind", ""))
    if kind is None:
        msg = f"Messages of the kind {form.get('kind')!r} cannot be sent by this version of wakit. Update wakit."
        raise InvalidInput(msg)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in form.items()}
    return kind(**values)


def _words(name: str, text: str, *, required: bool = False) -> None:
    if required and not text.strip():
        msg = f"The {name} is empty. Write something."
        raise InvalidInput(msg, field=name)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as exc:
        msg = f"The {name} holds half of a character (a lone surrogate), which WhatsApp cannot carry. Remove it."
        raise InvalidInput(msg, field=name, position=exc.start) from exc
    if size > TEXT_LIMIT:
        msg = f"The {name} has {size:,} bytes; WhatsApp carries {TEXT_LIMIT:,}. Send it in parts, or as a document."
        raise InvalidInput(msg, field=name, size=size, limit=TEXT_LIMIT)


def _mentioned(text: str, mentions: tuple[str, ...], country: str | None) -> tuple[str, ...]:
    """Return the addresses of those who are mentioned; apps put a name where ``@`` and the address' digits stand."""
    people = [recipient(person, country=country) for person in mentions]
    for person in people:
        if f"@{person.user}" not in text:
            msg = f"The text does not say where the mention belongs. Write @{person.user} there."
            raise InvalidInput(msg, mention=str(person))
    return tuple(str(person) for person in people)
