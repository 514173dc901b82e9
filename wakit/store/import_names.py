"""
Who is meant by the names of an export.

Exports name people as the address book of the phone does, and strangers by
number. What is certain comes first: a number, the account's own name, the other
one in a chat of two. Then a name that exactly one person here has.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from wakit.errors import InvalidInput, InvalidPhoneNumber
from wakit.ids import recipient
from wakit.imported import chat_address, name_address, stands_for_name
from wakit.store.drain import Drain
from wakit.store.engine import rows
from wakit.store.import_files import Facts
from wakit.store.import_matching import Person
from wakit.store.people import Address, AddressKind, NameKind

#: The names that people gave themselves are nobody's choice but theirs: two may have the same.
_NAMED = """
SELECT id, coalesce(title, '') = name AS by_phone
FROM core.address
WHERE account = ? AND id = person AND lower(name) = lower(?) AND kind::VARCHAR IN (SELECT unnest(?::VARCHAR[]))
"""
_PUSH_NAME = "SELECT push_name FROM core.account WHERE no = ? AND push_name IS NOT NULL"
_PEOPLE = (AddressKind.PHONE, AddressKind.LID)
_GROUPS = (AddressKind.GROUP,)


class Names:
    """Finds people and chats of one store by name."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, drain: Drain, country: str | None) -> None:
        self._connection = connection
        self._drain = drain
        self._country = country

    def chat(self, no: int, facts: Facts, *, strict: bool = False) -> str:
        """
        Return the address of a chat: as given, by its name, or one that stands for the name.

        Raises:
            InvalidInput: With *strict*, two chats have that name.
        """
        given = facts.chat
        if "@" in given and not stands_for_name(given):
            return str(recipient(given, country=self._country))
        name = facts.chat_name or given if stands_for_name(given) else given
        try:
            return str(recipient(name, country=self._country))
        except InvalidPhoneNumber:
            found = self._named(no, name, _GROUPS if facts.is_group else _PEOPLE)
        if len(found) == 1:
            return str(found[0].jid)
        if found and strict:
            told = " or ".join(one.shown for one in found)
            raise InvalidInput(f"{len(found)} chats are called {name!r}. Say which: --chat {told}", chat=name)
        return chat_address(name, is_group=facts.is_group)

    def known(self, no: int, facts: Facts, chat: Address) -> dict[str, Address | None]:
        """Return who is meant by each name of an export, as far as that is certain."""
        own = self._own_name(no, facts)
        partner = None if facts.is_group else facts.chat_name
        found: dict[str, Address | None] = {}
        for name in facts.senders:
            if name == own:
                found[name] = self._drain.people.me(no, "")
            elif name == partner:
                found[name] = chat
            else:
                found[name] = self._by_number(no, name) or self._only(no, name)
                # Whom an earlier import named so.
                found[name] = found[name] or self._drain.people.find(no, name_address(name))
        return found

    @staticmethod
    def complete(known: dict[str, Address | None], facts: Facts, chat: Address) -> None:
        """Let the other one of two people be the chat."""
        nobody = [name for name, one in known.items() if one is None]
        if not facts.is_group and len(nobody) == 1 and any(one is not None and one.own for one in known.values()):
            known[nobody[0]] = chat

    def stand_in(self, no: int, name: str, facts: Facts) -> Address:
        """Return an address for somebody of whom only the name is known."""
        address = self._drain.people.address(no, name_address(name))
        # No title: that would make it a conversation.
        self._drain.people.rename(address, NameKind.PUSH, name, facts.last)
        return address

    def _own_name(self, no: int, facts: Facts) -> str | None:
        if facts.me is not None:
            return facts.me
        for (name,) in rows(self._connection, _PUSH_NAME, [no]):
            if name in facts.senders:
                return str(name)
        others = [name for name in facts.senders if name != facts.chat_name]
        # Two people talk, and one of them is the chat: the other one is us.
        return others[0] if not facts.is_group and facts.chat_name is not None and len(others) == 1 else None

    def _by_number(self, no: int, name: str) -> Address | None:
        address = name_address(name)
        return None if stands_for_name(address) else self._drain.people.address(no, address)

    def _only(self, no: int, name: str) -> Address | None:
        found = self._named(no, name, _PEOPLE)
        return found[0] if len(found) == 1 else None

    def _named(self, no: int, name: str, kinds: Sequence[str]) -> list[Address]:
        """Return the people or groups of that name; those whom the phone's address book calls so, if there are any."""
        found = rows(self._connection, _NAMED, [no, name, list(kinds)])
        best = [number for number, by_phone in found if by_phone] or [number for number, _ in found]
        return [self._drain.people[number] for number in best]


def person(address: Address | None) -> Person | None:
    """Return somebody as ``import_matching`` knows them."""
    if address is None:
        return None
    return Person(address.id, 0 if address.own else address.person.id)
