"""
Who is who: every address once, and which of them are one person.

WhatsApp names a person by phone number or by LID, tells the pairing whenever it
likes, and three countries write one mobile number in two ways. Rows therefore
keep the address they came with, and this table says which address stands for
the person: the LID where one is known, otherwise the number as it was first
seen. It is small, so all of it is kept in memory; what a batch changed is
written in the batch's own transaction, and read again if that fails.

Evidence is ordered by its own time, not by its arrival: the newest pairing of a
number wins, so a number that got a new owner follows the new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wakit.errors import InvalidJID
from wakit.ids import BROADCAST_SERVER, GROUP_SERVER, JID, LID_SERVER, NEWSLETTER_SERVER, USER_SERVER, number_key
from wakit.words import sound

#: A pairing that is seen again is written down again only after this long.
REFRESH = timedelta(days=1)
#: Stands for the account itself where nobody said under which address it wrote.
ME = JID("", "me")


class AddressKind(StrEnum):
    """What an address names."""

    PHONE = "phone"
    LID = "lid"
    GROUP = "group"
    BROADCAST = "broadcast"
    NEWSLETTER = "newsletter"
    OTHER = "other"


class NameKind(StrEnum):
    """Where a name comes from, best first."""

    #: Subject of a group; name of a chat in the linked phone, so the address book's.
    TITLE = "title"
    #: What people call themselves.
    PUSH = "push"


_KINDS = {
    USER_SERVER: AddressKind.PHONE,
    LID_SERVER: AddressKind.LID,
    GROUP_SERVER: AddressKind.GROUP,
    BROADCAST_SERVER: AddressKind.BROADCAST,
    NEWSLETTER_SERVER: AddressKind.NEWSLETTER,
}


@dataclass(slots=True, eq=False)
class Address:
    """One row of ``core.address``."""

    id: int
    account: int
    jid: JID
    kind: AddressKind
    #: The JID as text: of whoever stands for a chat or a sender it is asked for each message.
    text: str = field(init=False)
    person: Address = field(init=False)
    shown: str = ""
    name: str | None = None
    own: bool = False
    phone: str | None = None
    names: dict[NameKind, tuple[str, datetime]] = field(default_factory=dict)
    #: Of a phone: its number in all spellings.
    number: Number | None = None

    def __post_init__(self) -> None:
        self.text = str(self.jid)
        self.person = self


@dataclass(slots=True, eq=False)
class Number:
    """A phone number in all its spellings, and whose it is."""

    phones: list[Address] = field(default_factory=list)
    lid: Address | None = None
    #: When the pairing was last seen, and with which spelling.
    seen: datetime | None = None
    latest: Address | None = None


@dataclass(frozen=True, slots=True)
class Alias:
    """One row of ``core.alias``: evidence that a phone and a LID are one person."""

    account: int
    phone: Address
    lid: Address
    ts: datetime


@dataclass(slots=True)
class Changes:
    """What a batch has changed so far."""

    new: dict[int, Address] = field(default_factory=dict)
    changed: dict[int, Address] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)
    #: Addresses that had rows before and stand for another person now.
    moved: set[int] = field(default_factory=set)


class People:
    """All addresses of all accounts."""

    def __init__(self) -> None:
        self._by_id: dict[int, Address] = {}
        self._by_text: dict[tuple[int, str], Address] = {}
        self._numbers: dict[tuple[int, str], Number] = {}
        self._numbers_of: defaultdict[int, list[Number]] = defaultdict(list)
        self.changes = Changes()

    def __getitem__(self, address_id: int) -> Address:
        return self._by_id[address_id]

    def restore(self, addresses: Iterable[tuple[Address, int]], aliases: Iterable[tuple[int, int, datetime]]) -> None:
        """Take in what was stored: addresses with the id of their person, and all evidence in any order."""
        stored = list(addresses)
        for address, _ in stored:
            self._enter(address)
        for address, person in stored:
            address.person = self._by_id[person]
        for phone, lid, ts in aliases:
            self._pair(self._by_id[phone], self._by_id[lid], ts)
        self.changes = Changes()

    def find(self, account: int, text: str) -> Address | None:
        """Return a known address, without making it known."""
        return self._by_text.get((account, text))

    def everywhere(self, text: str, accounts: Iterable[int]) -> list[int]:
        """Return the ids of all addresses of whoever *text* names, in each account."""
        found = [address.person for no in accounts if (address := self.find(no, text)) is not None]
        return [member.id for person in found for member in (person, *self._others(person))]

    def same(self, address: Address) -> list[str]:
        """Return all addresses of the person who has this one, as text."""
        person = address.person
        return [member.text for member in (person, *self._others(person))]

    def address(self, account: int, text: str) -> Address:
        """
        Return the address that *text* spells, entered if it is new.

        Raises:
            InvalidJID: It spells none.
        """
        found = self._by_text.get((account, text))
        if found is not None:
            return found
        jid = JID.parse(text).bare
        if (not jid.user and jid != ME) or sound(text) != text:
            msg = "The address names a server, or holds half a character."
            raise InvalidJID(msg)
        found = self._by_text.get((account, str(jid)))
        if found is None:
            kind = _KINDS.get(jid.server, AddressKind.OTHER)
            found = Address(id=len(self._by_id) + 1, account=account, jid=jid, kind=kind)
            self.changes.new[found.id] = found
            self._enter(found)
            self._settle(found)
        self._by_text[account, text] = found
        return found

    def me(self, account: int, text: str) -> Address:
        """Return the address under which the account itself wrote; *text* may be empty."""
        address = self.address(account, text) if text else self._me(account)
        if not address.own:
            address.own = True
            self._touch(address)
        return address

    def pair(self, one: Address, other: Address, ts: datetime) -> None:
        """Learn that two addresses are one person; anything but a phone and a LID says nothing."""
        phone, lid = (one, other) if one.kind is AddressKind.PHONE else (other, one)
        if phone.kind is AddressKind.PHONE and lid.kind is AddressKind.LID and self._pair(phone, lid, ts):
            self.changes.aliases.append(Alias(phone.account, phone, lid, ts))

    def rename(self, address: Address, kind: NameKind, name: str | None, ts: datetime) -> None:
        """Learn a name; an older one than the one that is known changes nothing."""
        if not name:
            return
        person = address.person
        known = person.names.get(kind)
        if known is None or (known[1] <= ts and known[0] != name):
            person.names[kind] = (sound(name), ts)
            self._touch(person)
            self._dress(person)

    def take_changes(self) -> Changes:
        """Return what changed since the last call."""
        taken, self.changes = self.changes, Changes()
        return taken

    def _me(self, account: int) -> Address:
        found = self._by_text.get((account, str(ME)))
        if found is not None:
            return found
        address = Address(id=len(self._by_id) + 1, account=account, jid=ME, kind=AddressKind.OTHER)
        self.changes.new[address.id] = address
        self._enter(address)
        self._dress(address)
        return address

    def _enter(self, address: Address) -> None:
        self._by_id[address.id] = address
        self._by_text[address.account, address.text] = address
        if address.kind is AddressKind.PHONE:
            self._number(address).phones.append(address)

    def _number(self, phone: Address) -> Number:
        if phone.number is None:
            phone.number = self._numbers.setdefault((phone.account, number_key(phone.jid.user)), Number())
        return phone.number

    def _pair(self, phone: Address, lid: Address, ts: datetime) -> bool:
        """Take in evidence; return whether it is worth writing down."""
        number = self._number(phone)
        if number.lid is lid and number.latest is phone and number.seen is not None and ts - number.seen < REFRESH:
            return False
        if number.seen is not None and (ts, lid.id) <= (number.seen, number.lid.id if number.lid else 0):
            return False
        before = number.lid
        number.lid, number.seen, number.latest = lid, ts, phone
        if before is not lid:
            if before is not None:
                self._numbers_of[before.id].remove(number)
            self._numbers_of[lid.id].append(number)
        for spelling in number.phones:
            self._settle(spelling)
        if before is not None and before is not lid:
            self._dress(before)
        self._dress(lid)
        return True

    def _settle(self, address: Address) -> None:
        """Let the right person stand for an address."""
        number = self._number(address) if address.kind is AddressKind.PHONE else None
        person = address if number is None else number.lid or number.phones[0]
        if address.person is not person:
            if address.id not in self.changes.new:
                self.changes.moved.add(address.id)
            # Names that were learned under a bare number are that person's; a LID keeps its own.
            for kind, (name, ts) in address.names.items() if address.person is address else ():
                known = person.names.get(kind)
                if known is None or known[1] < ts:
                    person.names[kind] = (name, ts)
            address.person = person
            self._touch(address)
        self._dress(person)

    def _dress(self, person: Address) -> None:
        """Work out what is shown for a person, under all their addresses."""
        members = [person, *self._others(person)]
        if person.kind is AddressKind.LID:
            numbers = self._numbers_of.get(person.id, ())
            paired = [(number.seen, number.latest.jid.user) for number in numbers if number.seen and number.latest]
            person.phone = max(paired)[1] if paired else None
        elif person.kind is AddressKind.PHONE:
            person.phone = person.jid.user
        shown = f"{person.phone}@{USER_SERVER}" if person.phone else str(person.jid)
        named = next((person.names[kind][0] for kind in NameKind if kind in person.names), None)
        name = named or (f"+{person.phone}" if person.phone else None)
        for member in members:
            if (member.shown, member.name) != (shown, name):
                member.shown, member.name = shown, name
                self._touch(member)

    def _others(self, person: Address) -> list[Address]:
        if person.kind is AddressKind.LID:
            return [phone for number in self._numbers_of.get(person.id, ()) for phone in number.phones]
        if person.kind is AddressKind.PHONE:
            return [phone for phone in self._number(person).phones if phone is not person and phone.person is person]
        return []

    def _touch(self, address: Address) -> None:
        if address.id not in self.changes.new:
            self.changes.changed[address.id] = address
