from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from network.linked import Linked, linked

from wakit.emulator.phone import Received
from wakit.model import MessageType

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


def source(event: Any) -> Any:
    """Return where a message event says that it comes from."""
    return event["Info"]["MessageSource"]


def test_text_travels_both_ways(shop: Linked) -> None:
    """A customer's text reaches the library and the phone; the library's answer reaches the customer and the phone."""
    message_id = shop.ana.send(shop.business, "¿A cómo el café? ☕")
    assert (shop.ana.lid.user, False) == (source(event := shop.arrived(message_id))["Sender"]["User"], source(event)["IsFromMe"])
    assert "¿A cómo el café? ☕" == shop.business.wait_for(text="¿A cómo el café? ☕").text
    answer_id = shop.library_sends(shop.ana.jid, "A $24.000")
    received = shop.ana.wait_for(text="A $24.000")
    assert (answer_id, shop.device, shop.business.jid) == (received.id, received.sender, received.chat)
    copy = shop.business.wait_for(text="A $24.000")
    assert (answer_id, shop.ana.jid, True) == (copy.id, copy.chat, copy.from_me)


def test_own_phone_message_appears_as_own(shop: Linked) -> None:
    """What the business writes on its phone shows in the library as its own, in the customer's chat."""
    event = shop.arrived(shop.business.send(shop.ana, "desde el celular"))
    assert (True, shop.ana.lid.user) == (source(event)["IsFromMe"], source(event)["Chat"]["User"])
    shop.ana.wait_for(text="desde el celular")


def test_note_to_self_arrives_once(shop: Linked) -> None:
    """A message to the own number reaches the own companion."""
    event = shop.arrived(shop.business.send(shop.business, "recordar leche"))
    assert (True, shop.business.lid.user) == (source(event)["IsFromMe"], source(event)["Chat"]["User"])


def test_receipts_reach_the_sender(shop: Linked) -> None:
    """A customer sees delivered from the phone, inactive from the library in the background, and read when it is read."""
    message_id = shop.ana.send(shop.business, "¿me leen?")
    assert shop.business.jid == shop.ana.wait_receipt(message_id, "delivered").sender
    assert shop.device == shop.ana.wait_receipt(message_id, "inactive").sender
    shop.business.mark_read(shop.business.wait_for(text="¿me leen?"))
    shop.ana.wait_receipt(message_id, "read")


def test_customer_reading_is_told_to_the_library(shop: Linked) -> None:
    """Read receipts of a customer reach the library, several messages in one."""
    texts = [f"leer {number}" for number in range(3)]
    ids = [shop.library_sends(shop.ana.jid, text) for text in texts]
    shop.ana.mark_read([shop.ana.wait_for(text=text) for text in texts])
    receipt = shop.client.wait("Receipt", lambda data: data.get("Type") == "READ" and ids[0] in data["MessageIDs"])
    assert set(ids) == set(receipt["MessageIDs"])


def test_reactions_travel_both_ways(shop: Linked) -> None:
    """A reaction names the message that it is about, on either side."""
    question = shop.ana.send(shop.business, "¿abren hoy?")
    shop.arrived(question)
    shop.client.call("react", question, "👍")
    received = shop.ana.wait_for(type=MessageType.REACTION)
    assert ("👍", question) == (received.text, received.target_id)
    answer = shop.library_sends(shop.ana.jid, "claro")
    shop.ana.wait_for(text="claro")
    event = shop.arrived(shop.ana.react(shop.business, answer, "❤️"))
    reaction = event["Message"]["reactionMessage"]
    assert ("❤️", answer) == (reaction["text"], reaction["key"]["ID"])


def test_edit_and_deletion_arrive(shop: Linked) -> None:
    """An edit and a deletion arrive as messages of their own that name the first one."""
    first = shop.ana.send(shop.business, "2 libras")
    shop.arrived(first)
    edited = shop.arrived(shop.ana.edit(shop.business, first, "3 libras"))["Message"]["protocolMessage"]
    assert ("MESSAGE_EDIT", first) == (edited["type"], edited["key"]["ID"])
    assert "3 libras" == edited["editedMessage"]["conversation"]
    revoked = shop.arrived(shop.ana.revoke(shop.business, first))["Message"]["protocolMessage"]
    assert ("REVOKE", first) == (revoked["type"], revoked["key"]["ID"])
    assert [MessageType.EDIT, MessageType.REVOKE] == [
        one.type for one in shop.business.inbox if one.target_id == first and one.type is not MessageType.REACTION
    ]


def test_library_edit_and_deletion_reach_the_customer(shop: Linked) -> None:
    """A customer's phone reads the library's deletion of an own message."""
    first = shop.library_sends(shop.ana.jid, "precio equivocado")
    shop.ana.wait_for(text="precio equivocado")
    shop.client.call("revoke_message", {"jid": str(shop.ana.lid)}, {"jid": str(shop.business.lid)}, first)
    assert first == shop.ana.wait_for(type=MessageType.REVOKE).target_id


def test_poll_and_vote_arrive(shop: Linked) -> None:
    """A poll arrives with its options, and the votes of other phones are readable to who has the poll."""
    poll_id = shop.business.poll(shop.ana, "¿Domicilio?", ["Sí", "No"])
    options = shop.arrived(poll_id)["Message"]["pollCreationMessage"]["options"]
    assert ["Sí", "No"] == [option["optionName"] for option in options]
    shop.ana.wait_for(type=MessageType.POLL)
    vote_id = shop.ana.vote(shop.business, poll_id, ["Sí"])
    assert poll_id == shop.arrived(vote_id)["Message"]["pollUpdateMessage"]["pollCreationMessageKey"]["ID"]
    assert ["Sí"] == shop.business.read_vote(shop.business.wait_for(type=MessageType.POLL_VOTE))


def test_reply_forward_place_and_card_arrive(shop: Linked) -> None:
    """A quoted reply, a forwarded text, a place and a contact arrive as what they are."""
    asked = shop.library_sends(shop.ana.jid, "¿dónde queda?")
    shop.ana.wait_for(text="¿dónde queda?")
    reply = shop.arrived(shop.ana.reply(shop.business, asked, "aquí"))["Message"]["extendedTextMessage"]
    assert ("aquí", asked) == (reply["text"], reply["contextInfo"]["stanzaID"])
    forwarded = shop.arrived(shop.ana.forward(asked, shop.business))["Message"]["extendedTextMessage"]
    assert forwarded["contextInfo"]["isForwarded"]
    place = shop.arrived(shop.ana.location(shop.business, 6.25, -75.56, name="Parque Lleras"))["Message"]["locationMessage"]
    assert (6.25, "Parque Lleras") == (place["degreesLatitude"], place["name"])
    card = shop.arrived(shop.ana.contact_card(shop.business, "Beto", "+57 311 222 3344"))["Message"]["contactMessage"]
    assert "waid=573112223344" in card["vcard"]


def test_typing_and_presence_are_seen(shop: Linked) -> None:
    """Typing and recording of a customer are seen by the library, and a customer sees the library come online."""
    shop.ana.typing(shop.business)
    assert "COMPOSING" == shop.client.wait("ChatPresence").get("State", "COMPOSING")
    shop.ana.watch(shop.business)
    shop.client.call("send_presence", {"enum": "neonize.utils.enum.Presence", "value": "AVAILABLE"})
    assert shop.business.jid == shop.ana.wait_activity("available").who


def test_same_text_from_many_is_kept_apart(shop: Linked) -> None:
    """Two customers who write the same at once are two messages with their own senders."""
    ids = [phone.send(shop.business, "buenas") for phone in (shop.ana, shop.beto)]
    senders = {source(shop.arrived(one))["Sender"]["User"] for one in ids}
    assert {shop.ana.lid.user, shop.beto.lid.user} == senders

    def is_one(received: Received) -> bool:
        return received.id in ids

    assert shop.business.wait_for(is_one).id in ids
