"""F22: WhatsApp took a message and did not say so in time; the receipt comes later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import until
from network.shop import ANA, Shop, open_shop

from wakit.model import SendState

pytestmark = [pytest.mark.faults, pytest.mark.outbox]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop that waits two seconds for an answer, instead of longer than the library's 75."""
    with open_shop(tmp_path_factory.mktemp("f22"), WAKIT_CALL_TIMEOUT="2") as found:
        yield found


def test_F22_timed_out_is_unknown_until_its_receipt_comes(shop: Shop) -> None:
    """The recipient's phone was off: the message stays unknown, is not sent again, and is delivered once the phone is on."""
    client = shop.client
    shop.ana.close()
    with shop.unacked():
        send = client.send(ANA, "¿llegó?", wait=0)
        until(lambda: client.sent(send.id).state is SendState.UNKNOWN)
    assert [one.id for one in client.pending()] == [send.id]
    shop.ana.switch_on()
    message = shop.ana.wait_for(text="¿llegó?")
    until(lambda: client.sent(send.id).state is SendState.DELIVERED)
    assert client.sent(send.id).message_id == message.id
    assert client.pending() == []
    shop.ana.mark_read(message)
    until(lambda: client.sent(send.id).state is SendState.READ)
    query = "SELECT state, message_id FROM sends WHERE id = ?"
    until(lambda: client.sql(query, [send.id]).to_numpy().tolist() == [["read", message.id]])
    assert [one.text for one in shop.ana.inbox].count("¿llegó?") == 1
