"""
What is known of one import of an exported chat, and the addresses of people and chats that have only a name.

An export names people as the phone's address book does and gives a number only
where that has none. Until somebody with that name is known, an address made of
the name stands for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from wakit.errors import InvalidPhoneNumber
from wakit.ids import GROUP_SERVER, JID, phone_number
from wakit.model import MediaStatus, Record

#: Server of addresses that stand for a name.
NAME_SERVER = "export"
_GROUP_PREFIX = "export-"


@dataclass(frozen=True, kw_only=True, repr=False)
class Imported(Record):
    """One import: what it brought, and where from."""

    id: int = field(metadata={"shown": True})
    account: str = field(metadata={"shown": True})
    #: Address of the chat.
    chat: str
    chat_name: str | None = None
    #: Name of the file.
    file: str
    #: Time of the first and of the last message.
    first: datetime
    last: datetime
    #: Messages in the file.
    messages: int = field(metadata={"shown": True})
    #: Messages that were not here before.
    added: int = field(metadata={"shown": True})
    #: Messages that WhatsApp had delivered to this computer before.
    merged: int = field(metadata={"shown": True})
    #: Messages that an earlier import had brought.
    repeated: int = field(metadata={"shown": True})
    imported_at: datetime
    undone_at: datetime | None = None
    #: What a person should look at.
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Attachment(Record):
    """A file that came with an export, by the name that its messages give."""

    name: str
    status: MediaStatus = field(metadata={"shown": True})
    size: int | None = None
    #: Name of the stored file.
    sha256: str | None = None
    #: Why it was not kept.
    reason: str | None = None


def name_address(name: str) -> str:
    """Return an address for the name of a person: a phone number's own, otherwise one that stands for the name."""
    if name.startswith("+"):
        try:
            return str(phone_number(name).jid)
        except InvalidPhoneNumber:
            pass
    return str(JID(_digest(name), NAME_SERVER))


def chat_address(name: str, *, is_group: bool) -> str:
    """Return an address for a chat of which only the name is known."""
    return str(JID(f"{_GROUP_PREFIX}{_digest(name)}", GROUP_SERVER)) if is_group else name_address(name)


def stands_for_name(address: str) -> bool:
    """Return whether an address was made of a name."""
    return address.endswith(f"@{NAME_SERVER}") or (address.startswith(_GROUP_PREFIX) and address.endswith(f"@{GROUP_SERVER}"))


def _digest(name: str) -> str:
    return blake2b(" ".join(name.casefold().split()).encode(), digest_size=8).hexdigest()
