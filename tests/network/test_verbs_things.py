"""Places, cards and polls: the customer's phone decrypts what was meant, and can vote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import until
from network.shop import ANA, BETO, Shop, open_shop

from wakit.errors import InvalidPhoneNumber
from wakit.model import MessageType

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("verbs")) as found:
        yield found


def test_place_arrives_with_its_name(shop: Shop) -> None:
    """Degrees, name and address are those that were sent; it can be an answer."""
    message_id = shop.asked("¿Dónde están?")
    sent = shop.client.send_location(ANA, 4.6533, -74.0836, name="Café Andino", address="Calle 63 #11-09", reply_to=message_id)
    got = shop.ana.wait_for(type="location")
    place = got.message.locationMessage
    assert (sent.type, got.id) == (MessageType.LOCATION, sent.message_id)
    assert (place.degreesLatitude, place.degreesLongitude) == (4.6533, -74.0836)
    assert (place.name, place.address, place.contextInfo.stanzaID) == ("Café Andino", "Calle 63 #11-09", message_id)


def test_card_arrives_with_one_number_whatever_the_name_holds(shop: Shop) -> None:
    """The characters that a card uses itself stay part of the name and add no line."""
    shop.client.send_contact(ANA, "Beto; el de\nTEL:+1,5", BETO)
    card = shop.ana.wait_for(type="contact").message.contactMessage
    assert card.displayName == "Beto; el de\nTEL:+1,5"
    lines = card.vcard.splitlines()
    assert [line for line in lines if line.startswith("TEL")] == ["TEL;type=CELL;type=VOICE;waid=573112223344:+573112223344"]
    assert "FN:Beto\\; el de\\nTEL:+1\\,5" in lines
    with pytest.raises(InvalidPhoneNumber):
        shop.client.send_contact(ANA, "Beto", "no es un número")


def test_poll_can_be_voted_in(shop: Shop) -> None:
    """The secret of the poll reaches the customer, whose vote comes back to us."""
    sent = shop.client.send_poll(ANA, "¿Molido o en grano?", ["Molido", "En grano"])
    poll = shop.ana.wait_for(type="poll")
    creation = poll.message.pollCreationMessage
    assert [option.optionName for option in creation.options] == ["Molido", "En grano"]
    assert (creation.name, creation.selectableOptionsCount, poll.id) == ("¿Molido o en grano?", 1, sent.message_id)
    shop.ana.vote(shop.phone, poll.id, ["En grano"])
    votes = "select count(*) as n from changes where kind = 'poll_vote' and target_id = ?"
    until(lambda: shop.client.sql(votes, [poll.id])["n"][0] == 1)


def test_poll_in_a_group_reaches_everybody(shop: Shop) -> None:
    """Each member can choose as many as were allowed."""
    shop.client.send_poll(str(shop.group), "¿Qué días?", ["lunes", "martes", "jueves"], choices=2)
    for person in (shop.ana, shop.beto):
        found = person.wait_for(type="poll", text="¿Qué días?")
        assert found.message.pollCreationMessage.selectableOptionsCount == 2
