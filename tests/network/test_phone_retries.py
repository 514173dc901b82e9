from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from network.linked import Linked, linked

pytestmark = pytest.mark.network


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Linked]:
    """Return a linked business whose library and customer have already talked."""
    with linked(tmp_path) as running:
        running.arrived(running.ana.send(running.business, "hola"))
        running.library_sends(running.ana.jid, "buenas")
        running.ana.wait_for(text="buenas")
        yield running


def delete_sessions(shop: Linked) -> int:
    """Delete every Signal session and sender key in the library's database, as a restored backup would."""
    with closing(sqlite3.connect(shop.client.session, timeout=10)) as database, database:
        database.execute("DELETE FROM whatsmeow_sender_keys")
        return database.execute("DELETE FROM whatsmeow_sessions").rowcount


def test_library_that_lost_its_sessions_gets_the_message_again(shop: Linked) -> None:
    """A message that the library cannot read is sent again under a new session, and later ones need no repair."""
    assert delete_sessions(shop) > 0
    message_id = shop.ana.send(shop.business, "¿siguen ahí?")
    shop.ana.wait_receipt(message_id, "retry")
    assert "¿siguen ahí?" == shop.client.wait_text("¿siguen ahí?")["Message"]["conversation"]
    later = shop.ana.send(shop.business, "gracias")
    shop.arrived(later)
    assert [] == [one for one in shop.ana.receipts if later in one.ids and one.type == "retry"]


def test_library_that_lost_its_sessions_can_still_write(shop: Linked) -> None:
    """With its sessions gone the library starts new ones, and the customer reads them."""
    delete_sessions(shop)
    shop.library_sends(shop.ana.jid, "con sesión nueva")
    shop.ana.wait_for(text="con sesión nueva")


def test_phone_that_lost_its_sessions_gets_the_message_again(shop: Linked) -> None:
    """A phone that cannot read the library's message asks for it, and gets it once."""
    shop.ana.lose_sessions()
    shop.library_sends(shop.ana.jid, "¿la recibió?")
    assert "¿la recibió?" == shop.ana.wait_for(text="¿la recibió?").text
    shop.library_sends(shop.ana.jid, "segunda")
    shop.ana.wait_for(text="segunda")
    assert 1 == sum(one.text == "¿la recibió?" for one in shop.ana.inbox)


def test_own_copy_that_the_library_cannot_read_comes_again(shop: Linked) -> None:
    """The copy of the phone's own message is repaired too, and stays an own message."""
    shop.arrived(shop.business.send(shop.ana, "antes"))
    delete_sessions(shop)
    event = shop.arrived(shop.business.send(shop.ana, "después"))
    assert (True, shop.ana.lid.user) == (
        event["Info"]["MessageSource"]["IsFromMe"],
        event["Info"]["MessageSource"]["Chat"]["User"],
    )


def test_group_message_that_the_library_cannot_read_comes_again(shop: Linked) -> None:
    """In a group the retry brings the sender key along, so that the next message is read at once."""
    group = shop.ana.create_group("Vecinos", [shop.business, shop.beto])
    shop.arrived(shop.ana.send(group, "uno"))
    delete_sessions(shop)
    shop.arrived(shop.ana.send(group, "dos"))
    later = shop.ana.send(group, "tres")
    shop.arrived(later)
    assert [] == [one for one in shop.ana.receipts if later in one.ids and one.type == "retry"]
