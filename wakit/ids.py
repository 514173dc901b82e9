"""
Who is who on WhatsApp: account slugs, JIDs, LIDs, phone numbers.

A *JID* names an endpoint: ``573001234567@s.whatsapp.net`` (phone number),
``101596383778080@lid`` (LID, the number's private alias), ``1203…@g.us``
(group). A companion device adds ``:N`` behind the user. Keys of stored rows
are always non-device JIDs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata

from wakit.errors import InvalidAccountId, InvalidJID, InvalidPhoneNumber

DEFAULT_ACCOUNT = "default"

USER_SERVER = "s.whatsapp.net"
LID_SERVER = "lid"
GROUP_SERVER = "g.us"
BROADCAST_SERVER = "broadcast"
NEWSLETTER_SERVER = "newsletter"

_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}\Z", re.ASCII)
_JID = re.compile(r"(?P<user>[^@:.\s]*)(?:\.(?P<agent>\d+))?(?::(?P<device>\d+))?@(?P<server>[a-z.]+)\Z", re.ASCII)


def account_id(text: str) -> str:
    """
    Return *text* if it is an account id, the only text that ever becomes part of a path.

    Raises:
        InvalidAccountId: Anything but ``[a-z0-9][a-z0-9_-]{0,31}``.
    """
    if isinstance(text, str) and _ACCOUNT.match(text):
        return text
    msg = f"{text!r} is not an account id. {InvalidAccountId.__doc__}"
    raise InvalidAccountId(msg, account=str(text)[:64])


@dataclass(frozen=True, slots=True)
class JID:
    """An address on WhatsApp; ``str()`` is its wire form."""

    #: Phone number digits, LID digits or group id; empty for a server.
    user: str
    #: ``s.whatsapp.net``, ``lid``, ``g.us``, …
    server: str
    #: 0 is the phone; companions count from 1.
    device: int = 0

    def __str__(self) -> str:
        if self.device:
            return f"{self.user}:{self.device}@{self.server}" if self.user else self.server
        return f"{self.user}@{self.server}" if self.user else self.server

    @classmethod
    def parse(cls, text: str) -> JID:
        """
        Read the wire form.

        Raises:
            InvalidJID: *text* has no server or a malformed user.
        """
        if "@" not in text and "." in text:
            return cls("", text)
        match = _JID.match(text)
        if match is None:
            msg = f"{text[:64]!r} is not a WhatsApp address. Write a phone number or a JID such as 573001234567@s.whatsapp.net."
            raise InvalidJID(msg, jid=text[:64])
        return cls(match["user"], match["server"], int(match["device"] or 0))

    @property
    def bare(self) -> JID:
        """The same endpoint without its device: the key of stored rows."""
        return replace(self, device=0) if self.device else self

    @property
    def is_group(self) -> bool:
        return self.server == GROUP_SERVER

    @property
    def is_lid(self) -> bool:
        return self.server == LID_SERVER

    @property
    def is_phone(self) -> bool:
        return self.server == USER_SERVER


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number as the phonenumbers library understands it."""

    #: ``+573001234567``
    e164: str
    #: ISO country that was assumed because the text had no country code, or ``None``.
    assumed_country: str | None = None

    @property
    def digits(self) -> str:
        """The number as WhatsApp writes it: country code and number, no plus."""
        return self.e164.lstrip("+")

    @property
    def jid(self) -> JID:
        return JID(self.digits, USER_SERVER)

    @property
    def pretty(self) -> str:
        """``+57 300 1234567``"""
        number = phonenumbers.parse(self.e164)
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def phone_number(text: str, *, country: str | None = None) -> Phone:
    """
    Read a phone number in any spelling.

    Args:
        text: With country code (``+57 300…``, ``57300…``) or national.
        country: ISO code to assume for a national number.

    Raises:
        InvalidPhoneNumber: It is not possible as a number; the message says
            which country was assumed.
    """
    bare = re.sub(r"[\s().\u00a0-]", "", text)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    if (quick := _plain(bare, country)) is not None:
        return quick
    written = bare if bare.startswith("+") else f"+{bare}"
    # The 1 of Mexican mobile numbers is gone from the numbering plan, and still in everybody's address book.
    readings: list[tuple[str, str | None]] = [(written, None), (f"+{number_key(written[1:])}", None)]
    if country and not bare.startswith("+"):
        readings.insert(0, (bare, country))
    for candidate, region in readings:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number) and phonenumbers.region_code_for_number(number) is not None:
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return Phone(e164, region)
    assumed = f" (country assumed: {country})" if country else " (no country was assumed)"
    msg = f"{text[:40]!r} is not a phone number{assumed}. Write it with its country code, as in +57 300 123 4567."
    raise InvalidPhoneNumber(msg, phone=text[:40], country=country)


class _Plan(NamedTuple):
    """What is constant in the numbers of a country that has its calling code alone."""

    code: str
    #: How many digits follow the code.
    lengths: frozenset[int]
    #: Finds what would be taken for a prefix and cut off, or rewritten.
    prefix: re.Pattern[str]


@cache
def _plan_of(region: str | None) -> _Plan | None:
    data = PhoneMetadata.metadata_for_region(region, None) if region else None
    if data is None or data.general_desc is None or data.country_code is None:
        return None
    if len(phonenumbers.region_codes_for_country_code(data.country_code)) != 1:
        return None
    prefix = re.compile(data.national_prefix_for_parsing or r"(?!)")
    return _Plan(str(data.country_code), frozenset(data.general_desc.possible_length), prefix)


@cache
def _plan_with(code: str) -> _Plan | None:
    return _plan_of(phonenumbers.region_code_for_country_code(int(code))) if code.isdecimal() and code[0] != "0" else None


def _plain(bare: str, country: str | None) -> Phone | None:
    """
    Return the number that bare digits spell without any doubt, or nothing; the library then says what they are.

    It says the same of these, in thirty times the time, and an audience has a hundred thousand of them.
    """
    digits = bare.removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return None
    if country and not bare.startswith("+"):
        plan = _plan_of(country)
        is_national = plan is not None and not digits.startswith(plan.code) and _fits(digits, plan)
        return Phone(f"+{plan.code}{digits}", country) if plan is not None and is_national else None
    for size in (2, 3):  # 1 and 7 are codes of several countries, and no code is the beginning of another one
        plan = _plan_with(digits[:size])
        if plan is not None and _fits(digits[size:], plan):
            return Phone(f"+{digits}")
    return None


def _fits(national: str, plan: _Plan) -> bool:
    return len(national) in plan.lengths and national[0] != "0" and plan.prefix.match(national) is None


def number_key(digits: str) -> str:
    """Return one spelling for the two that Mexican, Argentine and Brazilian mobile numbers have."""
    if len(digits) != 13:
        return digits
    if digits.startswith(("521", "549")):
        return digits[:2] + digits[3:]
    if digits.startswith("55") and digits[4] == "9" and digits[5] in "6789":
        return digits[:4] + digits[5:]
    return digits


def spellings(jid: JID) -> list[str]:
    """Return the address in every spelling that names the same person: two for mobile numbers of those three countries."""
    if not jid.is_phone:
        return [str(jid)]
    key = number_key(jid.user)
    longer = {"52": f"521{key[2:]}", "54": f"549{key[2:]}", "55": f"{key[:4]}9{key[4:]}"}.get(key[:2], key)
    known = dict.fromkeys([jid.user, key, *([longer] if number_key(longer) == key else [])])
    return [str(JID(digits, jid.server)) for digits in known]


def recipient(text: str, *, country: str | None = None) -> JID:
    """
    Read where a message goes: a JID, or a phone number in any spelling.

    The seed's ``+573001234567@s.whatsapp.net`` is accepted too.
    """
    text = text.strip()
    if "@" not in text:
        return phone_number(text, country=country).jid
    jid = JID.parse(text.removeprefix("+"))
    if jid.is_phone:
        read = phone_number(jid.user).jid
        # WhatsApp itself names many Mexican numbers in the old spelling: what it says is what it understands.
        return jid.bare if number_key(jid.user) == number_key(read.user) else read
    if not jid.user:
        msg = f"{text[:64]!r} names a server, not a person or a group."
        raise InvalidJID(msg, jid=text[:64])
    return jid.bare


def dedupe_key(account: str, chat: str, sender: str, message_id: str, kind: str) -> bytes:
    """Return the 16-byte key that makes ingest idempotent (rule 2 of the flow); *chat* and *sender* are non-device addresses."""
    return blake2b(f"{account}\x1f{chat}\x1f{sender}\x1f{message_id}\x1f{kind}".encode(), digest_size=16).digest()
