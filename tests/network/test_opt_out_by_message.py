"""Who writes BAJA on their phone gets one confirmation and no more planned messages; what a person writes still arrives."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hosts import until
from network.hosted import BUSINESS
from network.shop import ANA, BETO, Shop, open_shop

from wakit.model import Send, SendState

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("optout")) as found:
        yield found


def agree(shop: Shop, person: str) -> None:
    """Let somebody agree to everything, also where they opted out before."""
    for purpose in ("transactional", "marketing"):
        shop.client.opt_in(person, purpose, text="Acepto avisos y ofertas", channel="form", again=True)


def ended(shop: Shop, send: Send) -> Send:
    """Wait until nothing more becomes of a send by itself, and return it."""
    until(lambda: shop.client.sent(send.id).state.is_settled(SendState.SENT))
    return shop.client.sent(send.id)


def test_who_writes_baja_gets_one_confirmation_and_nothing_more(shop: Shop) -> None:
    """What is queued for them is cancelled, what comes later is refused; what has no purpose, and what is for others, leaves."""
    agree(shop, ANA)
    agree(shop, BETO)
    seen = len(shop.ana.inbox)
    later, got = datetime.now(UTC) + timedelta(hours=1), shop.word()
    shop.client.send(ANA, got, purpose="marketing")
    shop.ana.wait_for(text=got)
    queued = [shop.client.send(ANA, shop.word(), purpose=kind, not_before=later) for kind in ("transactional", "marketing")]
    others = shop.client.send(BETO, shop.word(), purpose="marketing", not_before=later)

    evidence = shop.asked("BAJA")
    queued.append(shop.client.send(ANA, shop.word(), purpose="marketing"))
    assert [ended(shop, send).state for send in queued] == [SendState.CANCELLED] * 3
    confirmed = shop.ana.wait_for(lambda one: one.text.startswith("Listo: no te escribiremos más"))
    shop.asked("baja!!")
    queued.append(shop.client.send(ANA, shop.word(), purpose="transactional"))  # is judged by all that came before it
    assert ended(shop, queued[-1]).error == "The recipient wants no more messages of this kind."
    own = shop.word()
    shop.client.send(ANA, own)
    shop.ana.wait_for(text=own)

    from_shop = [one.text for one in shop.ana.inbox[seen:] if one.text not in {"BAJA", "baja!!"}]
    assert from_shop == [got, confirmed.text, own]
    assert shop.client.sent(others.id).state is SendState.QUEUED
    assert evidence in {line.evidence for line in shop.client.consents(ANA, state="out")}


def test_who_writes_alta_gets_messages_again(shop: Shop) -> None:
    """They have back what they had agreed to, by nobody's hand but their own."""
    agree(shop, BETO)
    shop.asked("SAIR", by=shop.beto)
    shop.beto.wait_for(lambda one: one.text.startswith("Pronto: você saiu da nossa lista"))
    refused = shop.client.send(BETO, shop.word(), purpose="marketing")
    assert ended(shop, refused).state is SendState.CANCELLED
    shop.asked("ALTA", by=shop.beto)
    back = shop.word()
    shop.client.send(BETO, back, purpose="marketing")
    shop.beto.wait_for(text=back)
    assert [line.channel for line in shop.client.consents(BETO, purpose="marketing", limit=3)] == ["message", "message", "form"]


def test_who_writes_baja_while_the_shop_is_offline_is_out_before_what_waited(shop: Shop) -> None:
    """Their word comes in with the connection, and what is due at the same moment does not overtake it."""
    agree(shop, ANA)
    got = len(shop.ana.inbox)
    shop.client.stop_account()
    due = [shop.client.send(ANA, shop.word(), purpose="marketing") for _ in range(3)]
    for text in ("¿Tienen té?", "¿Y café?", "BAJA"):
        shop.ana.send(BUSINESS, text)
    shop.client.connect_account()
    assert [ended(shop, send).state for send in due] == [SendState.CANCELLED] * 3
    shop.ana.wait_for(lambda one: one.text.startswith("Listo: no te escribiremos más"))
    ours = [one.text for one in shop.ana.inbox[got:]]
    assert [text for text in ours if text.startswith("número")] == []
