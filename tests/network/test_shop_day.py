from __future__ import annotations

from collections.abc import Iterator

import pytest
from network.linked import Linked, linked

from wakit.emulator.shop import Shop
from wakit.model import MessageType

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


def test_shop_day_arrives_whole_at_phone_and_library(shop: Linked) -> None:
    """Everything of a day that customers send is decrypted by the business's phone and by the library."""
    day = Shop(shop.network, shop.business, seed=11, speed=0, customers=8, visits=14).start()
    sent = {one.id for one in day.join(timeout=60)}
    shop.business.wait_for(lambda one: one.id == day.script[-1].id)
    assert sent == {one.id for one in shop.business.inbox if one.id in sent}
    for message_id in sent:
        shop.arrived(message_id)


def test_shop_customers_answer_and_come_to_rest(shop: Linked) -> None:
    """A customer reads what the library writes and answers a few times, then only reads."""
    day = Shop(shop.network, shop.business, seed=12, speed=0, customers=1, visits=1).start()
    day.join(timeout=60)
    customer = day.customers[0]
    for number in range(5):
        message_id = shop.library_sends(customer.jid, f"con gusto {number}")
        shop.client.wait("Receipt", lambda data, sent=message_id: data.get("Type") == "READ" and sent in data["MessageIDs"])
    answers = [one for one in day.join(timeout=60) if one.is_answer]
    assert 3 == len(answers)
    assert {MessageType.TEXT, MessageType.REACTION} >= {one.type for one in answers}
    for one in answers:
        shop.arrived(one.id)


def test_shop_stopped_says_nothing_more(shop: Linked) -> None:
    """At the speed of the clock the day takes hours; stopped, it is over, and customers no longer answer."""
    day = Shop(shop.network, shop.business, seed=13, speed=1, customers=2, visits=2).start()
    with pytest.raises(TimeoutError, match="higher speed"):
        day.join(timeout=0.1)
    day.stop()
    day.join(timeout=10)
    shop.library_sends(day.customers[0].jid, "¿sigue ahí?")
    day.customers[0].wait_for(text="¿sigue ahí?")
    assert [] == day.sent
