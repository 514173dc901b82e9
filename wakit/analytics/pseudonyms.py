"""
Names that stand for people in what is saved and travels: the same person has the same one in every report.

A pseudonym is a keyed hash of the person's address. The key never leaves the workspace, so nobody
can try out all phone numbers, and two workspaces call one person differently. What people wrote
is veiled as far as a program can: numbers, addresses, and the names that the workspace knows.
A name that it does not know stays, so texts are not to be published without reading them.
"""

from __future__ import annotations

import re
from base64 import b32encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from wakit.languages import Language, mark, speak
from wakit.redact import mask_numbers

if TYPE_CHECKING:
    import pandas as pd

#: Who is named in a column, and which column has that one's address, where both are there.
_PEOPLE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("chat", "sender", "answerer", "jid", "address", "phone", "lid", "recipient", "to", "person", "contact"), ()),
    "chat_name": ("chat",),
    "sender_name": ("sender",),
    "person_name": ("person",),
    "push_name": ("sender", "jid"),
    "business_name": ("jid", "chat"),
    "name": ("sender", "chat", "jid", "phone", "recipient"),
}
_OURS = "me"
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_]{3,}")
#: Stands for a name within a text.
_VEIL = "▒▒▒"
_LENGTH = 6


class Pseudonyms:
    """What people are called where they are not to be named."""

    def __init__(self, key: bytes, known: Callable[[], Iterable[tuple[str, str]]], lang: Language) -> None:
        """
        Make the pseudonyms of one workspace.

        Args:
            key: Secret; the same key gives the same pseudonyms.
            known: Addresses and names of the people of the workspace; asked when it is needed.
            lang: Language of the word before the letters.
        """
        self._key = key
        self._known = known
        self._lang = lang

    def of(self, who: str) -> str:
        """Return the pseudonym of a person or group, by an address or a known name."""
        if who == _OURS:
            return who
        address = self._address(who)
        digest = blake2b(address.encode(), key=self._key, digest_size=5).digest()
        word = mark("Group {letters}") if address.endswith("@g.us") else mark("Contact {letters}")
        return speak(self._lang, word, letters=b32encode(digest).decode()[:_LENGTH])

    def text(self, text: str) -> str:
        """Return what somebody wrote without numbers, addresses and names that are known."""
        veiled = mask_numbers(_MAIL.sub(_VEIL, text))
        return _WORD.sub(lambda found: _VEIL if self._is_name(found[0]) else found[0], veiled)

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a copy of *frame* in which nobody is named: columns of people have pseudonyms, texts are veiled."""
        veiled = frame.copy()
        for column in frame.columns:
            whose = _whose(str(column), frame)
            if whose is not None:
                veiled[column] = [self._who(value) for value in frame[whose]]
            elif not _is_plain(frame[column]):
                veiled[column] = [self._said(value) for value in frame[column]]
        return veiled

    def _address(self, who: str) -> str:
        if "@" in who:
            return who
        digits = re.sub(r"\D", "", who)
        return f"{digits}@s.whatsapp.net" if who.startswith("+") and digits else self._addresses.get(who, who)

    def _who(self, value: object) -> object:
        return self.of(value) if isinstance(value, str) else value

    def _said(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        return value if isinstance(value, bool | int | float) or value is None else self.text(str(value))

    def _is_name(self, word: str) -> bool:
        return word[0].isupper() and word.casefold() in self._words

    @cached_property
    def _addresses(self) -> dict[str, str]:
        return {name: address for address, name in self._known()}

    @cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(word.casefold() for name in self._addresses for word in _WORD.findall(name))


def _whose(column: str, frame: pd.DataFrame) -> str | None:
    """Return in which column stands whom *column* names, if it names people: campaigns have a ``name`` as well."""
    beside = next((other for other in _PEOPLE.get(column, ()) if other in frame), None)
    return column if beside is None and column in _PEOPLE and column != "name" else beside


def _is_plain(column: pd.Series) -> bool:
    """Return whether a column has numbers, instants or truths, and so nobody's name."""
    return column.dtype.kind in "biufmM" or hasattr(column.dtype, "tz")
