"""
What the network knows and keeps: accounts, devices, groups, waiting stanzas.

Plain records, one JSON file per record, in a private folder. A changed record
is marked with ``touch`` and written a moment later, so a message that waits
for its receipt costs no disk most of the time; ``flush`` writes what is marked
and runs when the network closes. The same folder opened again is the same
network: same keys, same linked devices, same queue.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from wakit.errors import CorruptFile
from wakit.ids import GROUP_SERVER, JID, LID_SERVER, USER_SERVER
from wakit.paths import private_dir, read_private, write_private

_BYTES_AS_TEXT = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


@dataclass(slots=True, kw_only=True)
class PreKey:
    """A public Signal key as its owner published it."""

    id: bytes
    value: bytes
    signature: bytes = b""


@dataclass(slots=True, kw_only=True)
class Device:
    """One endpoint of an account; number 0 is the phone."""

    number: int
    linked_at: int
    #: The Noise key a companion logs in with; a phone has none.
    noise: bytes = b""
    identity: bytes = b""
    registration: bytes = b""
    signed_prekey: PreKey | None = None
    prekeys: list[PreKey] = field(default_factory=list)
    key_index: int = 0
    platform: str = ""
    #: Whether it was told once what to fetch.
    welcomed: bool = False

    @property
    def reachable(self) -> bool:
        """Whether others can encrypt for it, so that it belongs into device lists."""
        return bool(self.identity and self.signed_prekey)


@dataclass(slots=True, kw_only=True)
class Picture:
    """A profile or group picture."""

    id: str
    data: bytes


@dataclass(slots=True, kw_only=True)
class Collection:
    """One app-state collection: what the server can hold of it without its keys."""

    version: int = 0
    #: Serialised SyncdPatch, oldest first; the last one has number ``version``.
    patches: list[bytes] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Account:
    """A number on WhatsApp."""

    __pydantic_config__ = _BYTES_AS_TEXT

    phone: str
    lid: str
    created: int
    push_name: str = ""
    about: str = ""
    picture: Picture | None = None
    devices: dict[int, Device] = field(default_factory=dict)
    next_device: int = 1
    privacy: dict[str, str] = field(default_factory=dict)
    blocked: list[JID] = field(default_factory=list)
    collections: dict[str, Collection] = field(default_factory=dict)
    #: Code of the contact QR (wa.me/qr/…).
    contact_code: str = ""
    last_seen: int = 0
    #: Numbers that asked for its device list and must hear of changes.
    watchers: set[str] = field(default_factory=set)

    @property
    def pn_jid(self) -> JID:
        return JID(self.phone, USER_SERVER)

    @property
    def lid_jid(self) -> JID:
        return JID(self.lid, LID_SERVER)

    def address(self, server: str, device: int = 0) -> JID:
        """Return the address of a device as *server* writes it: by LID or by phone number."""
        return JID(self.lid if server == LID_SERVER else self.phone, LID_SERVER if server == LID_SERVER else USER_SERVER, device)

    def reachable(self) -> list[Device]:
        """Return the devices that are in the account's device list."""
        return [device for device in self.devices.values() if device.reachable]


@dataclass(slots=True, kw_only=True)
class Group:
    """A group chat; members are account numbers with their rank."""

    __pydantic_config__ = _BYTES_AS_TEXT

    id: str
    creator: str
    created: int
    subject: str
    subject_by: str
    subject_at: int
    #: phone → ``""``, ``admin`` or ``superadmin``
    members: dict[str, str] = field(default_factory=dict)
    #: Counts the changes of members; clients compare it.
    version: int = 1
    description: str = ""
    description_id: str = ""
    description_by: str = ""
    description_at: int = 0
    announcement: bool = False
    locked: bool = False
    ephemeral: int = 0
    member_add_mode: str = "all_member_add"
    join_approval: bool = False
    #: phone → when it asked to join
    requests: dict[str, int] = field(default_factory=dict)
    invite: str = ""
    picture: Picture | None = None

    @property
    def jid(self) -> JID:
        return JID(self.id, GROUP_SERVER)


@dataclass(slots=True, kw_only=True)
class Waiting:
    """A stanza that a device has not confirmed yet."""

    tag: str
    id: str
    #: Binary form, as it was first sent.
    stanza: bytes


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """The offline queue of one device."""

    __pydantic_config__ = _BYTES_AS_TEXT

    phone: str
    device: int
    waiting: deque[Waiting] = field(default_factory=deque)


Record = Account | Group | Mailbox
R = TypeVar("R", Account, Group, Mailbox)

_ADAPTERS: dict[type, TypeAdapter[Account] | TypeAdapter[Group] | TypeAdapter[Mailbox]] = {
    Account: TypeAdapter(Account),
    Group: TypeAdapter(Group),
    Mailbox: TypeAdapter(Mailbox),
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")


class State:
    """The records of one network and the folder they live in."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_dir(folder)
        self.accounts = {account.phone: account for account in self._load(Account)}
        self.groups = {group.id: group for group in self._load(Group)}
        self.mailboxes = {(box.phone, box.device): box for box in self._load(Mailbox)}
        self._changed: dict[tuple[type, str], Record] = {}

    def touch(self, *records: Record) -> None:
        """Mark records as changed; they are written at the next ``flush``."""
        for record in records:
            self._changed[type(record), _key(record)] = record

    def forget(self, record: Record) -> None:
        """Remove a record's file."""
        self._changed.pop((type(record), _key(record)), None)
        self._path(record).unlink(missing_ok=True)

    def take(self) -> list[tuple[Path, bytes]]:
        """Return what is to be written, as it is now; nothing is marked any more."""
        changed, self._changed = self._changed, {}
        return [(self._path(record), _ADAPTERS[type(record)].dump_json(record)) for record in changed.values()]  # type: ignore[arg-type]

    def write(self, contents: list[tuple[Path, bytes]]) -> None:
        """Put records on the disk; may run in another thread."""
        for path, content in contents:
            write_private(path, content)

    def flush(self) -> None:
        """Write every marked record."""
        self.write(self.take())

    def _load(self, kind: type[R]) -> list[R]:
        files = sorted(private_dir(self.folder / _folder(kind)).glob("*.json"))
        return [self._read(kind, path) for path in files]

    def _read(self, kind: type[R], path: Path) -> R:
        try:
            record = _ADAPTERS[kind].validate_json(read_private(path))
        except ValidationError as exc:
            msg = f"{str(path)!r} of the emulated network is damaged. Move it away to go on without it."
            raise CorruptFile(msg, path=str(path)) from exc
        return record  # type: ignore[return-value]

    def _path(self, record: Record) -> Path:
        return self.folder / _folder(type(record)) / f"{_key(record)}.json"


class FolderVault:
    """Named secrets of the phones, one private file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = private_dir(folder)

    def read(self, name: str) -> bytes | None:
        """Return what was kept under *name*."""
        path = self._path(name)
        return read_private(path) if path.exists() else None

    def write(self, name: str, data: bytes) -> None:
        """Keep *data* under *name*, replacing what was there in one step."""
        write_private(self._path(name), data)

    def _path(self, name: str) -> Path:
        if not _NAME.match(name):
            msg = f"{name!r} cannot name a secret; use letters, digits, - and _."
            raise ValueError(msg)
        return self.folder / name


def _key(record: Record) -> str:
    if isinstance(record, Mailbox):
        return f"{record.phone}-{record.device}"
    return record.phone if isinstance(record, Account) else record.id


def _folder(kind: type) -> str:
    return f"{kind.__name__.lower()}s" if kind is not Mailbox else "mailboxes"
