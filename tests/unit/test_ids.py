from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakit import ids
from wakit.errors import InvalidAccountId, InvalidJID, InvalidPhoneNumber
from wakit.ids import JID, account_id, dedupe_key, phone_number, recipient, spellings

HOSTILE_ACCOUNTS = [
    "",
    "../x",
    "/etc",
    "a/b",
    "a?mode=memory",
    "a#b",
    "%2e%2e%2f",
    "postgres://user@host/db",
    "a\0b",
    "CON",
    "a" * 33,
    "аna",  # a Cyrillic look-alike of "ana"
    "Ana",
    "-ana",
    "_ana",
    "ana\n",
    "ana ",
    "٣",  # a digit, but not one of 0-9
]


@pytest.mark.faults
@pytest.mark.parametrize("text", HOSTILE_ACCOUNTS)
def test_F31_hostile_account_id_is_refused(text: str) -> None:
    """Nothing but a slug ever becomes part of a path."""
    with pytest.raises(InvalidAccountId, match="account id"):
        account_id(text)


@pytest.mark.parametrize("text", ["a", "7", "default", "ana-2", "a_b", "a" * 32])
def test_account_id_slug_is_kept(text: str) -> None:
    """A slug is returned as it is."""
    assert text == account_id(text)


@pytest.mark.parametrize("text", ["+57 300 123 4567", "573001234567", "0057 300 1234567", "+57 (300) 123-4567"])
def test_phone_number_international_spellings_agree(text: str) -> None:
    """All spellings of one number give one number, and no country is guessed."""
    phone = phone_number(text)
    assert ("+573001234567", None) == (phone.e164, phone.assumed_country)


def test_phone_number_national_says_assumed_country() -> None:
    """A national number is read with the given country, and the result says so."""
    phone = phone_number("300 123 4567", country="CO")
    assert ("+573001234567", "CO") == (phone.e164, phone.assumed_country)


@pytest.mark.parametrize(("text", "country"), [("abc", None), ("+1", None), ("", "CO"), ("12", "CO"), ("+57 1", "CO")])
def test_phone_number_malformed_names_input_and_country(text: str, country: str | None) -> None:
    """A malformed number is refused with the input and the country that was assumed."""
    with pytest.raises(InvalidPhoneNumber) as caught:
        phone_number(text, country=country)
    assert repr(text) in caught.value.message
    assert (country or "no country") in caught.value.message


def test_recipient_accepts_the_seeds_spelling() -> None:
    """The plus that the seed writes before a JID does no harm."""
    assert JID("573001234567", "s.whatsapp.net") == recipient("+573001234567@s.whatsapp.net")


@pytest.mark.parametrize("text", ["s.whatsapp.net", "a b@lid", "@lid", "x@", "12@s.whatsapp.net"])
def test_recipient_without_person_is_refused(text: str) -> None:
    """A server, a space, an empty user or an impossible number is no place to send to."""
    with pytest.raises((InvalidJID, InvalidPhoneNumber)):
        recipient(text)


@given(
    user=st.text("0123456789", min_size=1, max_size=18),
    server=st.sampled_from(["s.whatsapp.net", "lid", "g.us"]),
    device=st.integers(0, 99),
)
def test_jid_text_form_round_trips(user: str, server: str, device: int) -> None:
    """What ``str`` writes, ``parse`` reads."""
    jid = JID(user, server, device)
    assert jid == JID.parse(str(jid))


def test_dedupe_key_separates_fields() -> None:
    """The same fields give the same key; shifting text between fields gives another."""
    key = dedupe_key("a", "1@lid", "2@lid", "ID", "message")
    assert key == dedupe_key("a", "1@lid", "2@lid", "ID", "message")
    assert dedupe_key("a", "1@lid", "2@lid", "IDm", "essage") != key


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+52 1 55 1234 5678", "525512345678"),
        ("5215512345678", "525512345678"),
        ("+52 55 1234 5678", "525512345678"),
        ("5215512345678@s.whatsapp.net", "5215512345678"),
        ("525512345678@s.whatsapp.net", "525512345678"),
        ("+5491123456789", "5491123456789"),
        ("5511987654321@s.whatsapp.net", "5511987654321"),
    ],
)
def test_mobile_number_in_its_old_spelling_is_read(text: str, digits: str) -> None:
    """Mexico's 1 is in address books and in WhatsApp's own addresses: a number loses it, an address keeps it."""
    assert str(recipient(text)) == f"{digits}@s.whatsapp.net"


@pytest.mark.parametrize(
    ("one", "other"),
    [("5215512345678", "525512345678"), ("5491123456789", "541123456789"), ("5511987654321", "551187654321")],
)
def test_both_spellings_of_a_mobile_number_are_known(one: str, other: str) -> None:
    """Whichever is asked for, both are looked for."""
    expected = {f"{digits}@s.whatsapp.net" for digits in (one, other)}
    for digits in (one, other):
        assert set(spellings(JID(digits, "s.whatsapp.net"))) == expected


@pytest.mark.parametrize(
    "text", ["573001234567@s.whatsapp.net", "525@s.whatsapp.net", "551122223333@s.whatsapp.net", "5215512345678@lid"]
)
def test_other_addresses_have_one_spelling(text: str) -> None:
    """Landlines, other countries, and LIDs whose digits only look like a number."""
    assert spellings(JID.parse(text)) == [text]


def test_numbers_are_read_quickly_and_as_the_library_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read without the library, because an audience has a hundred thousand numbers, is what it says of them."""
    chance = random.Random(5)
    codes, regions = list(phonenumbers.COUNTRY_CODE_TO_REGION_CODE), sorted(phonenumbers.SUPPORTED_REGIONS)
    asked = []
    while len(asked) < 2000:
        digits = "".join(chance.choices("0123456789", k=chance.randint(4, 13)))
        text = f"{chance.choice(['+', ''])}{chance.choice(codes)}{digits}" if chance.random() < 0.5 else digits
        country = chance.choice([None, *regions])
        if ids._plain(text, country):
            asked.append((text, country))
    quick = [phone_number(text, country=country) for text, country in asked]
    monkeypatch.setattr(ids, "_plain", lambda *_: None)
    assert quick == [phone_number(text, country=country) for text, country in asked]
