"""What a message holds beside its text is read from the library's event and can be queried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from stored import ANA, START, entries, opened, said, table

from wakit.details import Card, Details
from wakit.model import MessageType, Record
from wakit.paths import Workspace
from wakit.proto import e2e_pb
from wakit.session.contents import content_of
from wakit.session.details import phones_of
from wakit.store import Store

VCARD = """BEGIN:VCARD
VERSION:3.0
FN:Panadería El Trigal
item1.TEL;waid=573001112233:+57 300 1112233
item1.X-ABLabel:Móvil
TEL;TYPE=WORK,VOICE:+57 (604)
  444 5566
END:VCARD"""
CARD = e2e_pb.ContactMessage(displayName="Panadería El Trigal", vcard=VCARD)
TRIGAL = Card(name="Panadería El Trigal", phones=("+573001112233", "+57 (604) 444 5566"))
POLL = e2e_pb.PollCreationMessage(
    name="¿Cuándo?", selectableOptionsCount=1, options=[{"optionName": "lunes"}, {"optionName": "martes"}]
)
ASKED = Details(poll_question="¿Cuándo?", poll_options=("lunes", "martes"), poll_choices=1)
PICTURE = e2e_pb.ImageMessage(caption="mira", viewOnce=True)
ANSWER = e2e_pb.ExtendedTextMessage(
    text="sí", contextInfo={"stanzaID": "M0", "quotedMessage": {"conversation": "¿hay torta?"}, "expiration": 604_800}
)

CASES: list[tuple[dict[str, Any], Details | None]] = [
    ({"conversation": "hola"}, None),
    ({"extendedTextMessage": {"text": "hola"}}, None),
    ({"extendedTextMessage": ANSWER}, Details(expires_after=604_800, quoted_text="¿hay torta?")),
    ({"ephemeralMessage": {"message": {"imageMessage": PICTURE}}}, Details(view_once=True)),
    ({"imageMessage": {"caption": "mira"}}, None),
    ({"imageMessage": PICTURE}, Details(view_once=True)),
    ({"viewOnceMessageV2": {"message": {"imageMessage": {"caption": "mira"}}}}, Details(view_once=True)),
    ({"viewOnceMessageV2Extension": {"message": {"audioMessage": {"PTT": True}}}}, Details(view_once=True)),
    (
        {"locationMessage": {"degreesLatitude": 6.2, "degreesLongitude": -75.5, "name": "Parque", "address": "Calle 10"}},
        Details(latitude=6.2, longitude=-75.5, place_name="Parque", place_address="Calle 10"),
    ),
    ({"liveLocationMessage": {"degreesLatitude": 6.2, "degreesLongitude": -75.5}}, Details(latitude=6.2, longitude=-75.5)),
    ({"contactMessage": CARD}, Details(cards=(TRIGAL,))),
    ({"contactsArrayMessage": {"contacts": [CARD, {"displayName": "Ana"}]}}, Details(cards=(TRIGAL, Card(name="Ana")))),
    ({"pollCreationMessage": POLL}, ASKED),
    ({"pollCreationMessageV3": POLL}, ASKED),
    (
        {"orderMessage": {"orderID": "O1", "orderTitle": "Tortas", "itemCount": 3, "totalAmount1000": 45_500_500,
                          "totalCurrencyCode": "COP"}},
        Details(item_id="O1", item_title="Tortas", item_count=3, price=45_500.5, currency="COP"),
    ),
    ({"orderMessage": {"orderID": "O1"}}, Details(item_id="O1")),
    (
        {"productMessage": {"product": {"productID": "P1", "title": "Torta", "priceAmount1000": 0, "currencyCode": "MXN"}}},
        Details(item_id="P1", item_title="Torta", price=0.0, currency="MXN"),
    ),
    (
        {"callLogMesssage": {"isVideo": True, "callOutcome": "MISSED"}},
        Details(call_outcome="missed", call_video=True),
    ),
    (
        {"callLogMesssage": {"callOutcome": "CONNECTED", "durationSecs": 61}},
        Details(call_outcome="answered", call_seconds=61, call_video=False),
    ),
]  # fmt: skip


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    with opened(workspace) as store:
        yield store


def drained(store: Store, *records: Record) -> Store:
    store.drain("default", entries(records))
    return store


@pytest.mark.parametrize(("body", "details"), CASES, ids=[next(iter(body)) for body, _ in CASES])
def test_each_kind_of_content_has_its_details(body: dict[str, Any], details: Details | None) -> None:
    """Places, cards, polls, orders, calls, expiry and quotes are read; a plain message has none of it."""
    content = content_of(e2e_pb.Message(**body))
    assert content is not None
    assert content.details == details


@pytest.mark.parametrize("vcard", ["", "TEL", "TEL:", "no card", "TEL:\nTEL;waid=:1", "\x00" * 100, "TEL;" * 10_000])
def test_malformed_card_has_what_can_be_read(vcard: str) -> None:
    """Any text is taken for a card."""
    assert phones_of(vcard) in {(), ("1",)}


def test_details_come_back_from_the_store(store: Store) -> None:
    """Everything but the call and the poll's options, which have views of their own, is a column of one view."""
    full = Details(
        expires_after=60,
        view_once=True,
        quoted_text="¿hay?",
        latitude=6.2,
        longitude=-75.5,
        place_name="Parque",
        place_address="Calle 10",
        cards=(TRIGAL, Card(name="half \ud800")),
        poll_question="¿Cuándo?",
        item_id="O1",
        item_title="Tortas",
        item_count=3,
        price=45_500.5,
        currency="COP",
    )
    drained(store, said("M1", details=full), said("M2"))
    ((*about, since, expiry), *others) = table(
        store, "SELECT * EXCLUDE (type, expires_at), type::VARCHAR, epoch(expires_at - ts) FROM message_details"
    )
    assert others == []
    assert (since, expiry) == ("text", 60)
    assert about[:7] == ["default", ANA, "+573001234567", ANA, "+573001234567", "M1", START]
    assert about[7:13] == [True, "¿hay?", 6.2, -75.5, "Parque", "Calle 10"]
    assert about[13] == [{"name": TRIGAL.name, "phones": list(TRIGAL.phones)}, {"name": "half ?", "phones": []}]
    assert about[14:] == ["¿Cuándo?", "O1", "Tortas", 3, 45_500.5, "COP"]


def test_details_come_once_like_their_message(store: Store) -> None:
    """A redelivered message brings no second row, and one that turns out to be a double takes its details with it."""
    place = Details(latitude=1.0, longitude=2.0)
    lid = "101596383778080@lid"
    again = said("M1", chat=lid, details=place, type=MessageType.LOCATION)
    drained(store, said("M1", details=place, type=MessageType.LOCATION), again, again)
    assert table(store, "SELECT count(*) FROM core.detail") == [(2,)]
    store.drain("default", entries([said("M2", chat=lid, sender_alt=ANA)], first=4))
    assert table(store, "SELECT message_id, latitude FROM message_details") == [("M1", 1.0)]
    assert table(store, "SELECT count(*) FROM core.detail") == [(1,)]


def test_details_cross_borders_and_say_nothing_of_themselves() -> None:
    """They are plain JSON on the event stream, and their representation holds no content."""
    message = said("M1", details=Details(cards=(TRIGAL,), quoted_text="secreto"))
    assert type(message).from_json(message.to_json()) == message
    assert "secreto" not in repr(message.details) + repr(message)
    assert repr(message.details) == "Details(quoted_text, cards)"
