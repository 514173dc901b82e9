from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from network.linked import Linked, linked

from wakit.emulator.phone import HistoryChat, HistoryMessage

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


def synced(shop: Linked, after: int) -> list[Any]:
    """Wait for the names, which come last, and return every chunk that came before them."""
    shop.client.wait("HistorySync", lambda event: "pushnames" in event["Data"], after=after, timeout=60)
    return [
        data["Data"] for kind, data in shop.client.events[after:] if kind == "HistorySync" and "conversations" in data["Data"]
    ]


def test_history_of_many_chunks_arrives_whole(shop: Linked) -> None:
    """A made-up history of 12 000 messages arrives in chunks, every message once."""
    after = len(shop.client.events)
    assert 12_000 == shop.business.push_history(60, messages_per_chat=200, seed=5)
    data = synced(shop, after)
    ids = [message["message"]["key"]["ID"] for one in data for chat in one["conversations"] for message in chat["messages"]]
    assert 12_000 == len(ids) == len(set(ids))
    assert 3 == len(data)


def test_history_of_a_known_customer_is_the_same_person(shop: Linked) -> None:
    """The chat of a customer in the history has the address under which the customer writes today."""
    after = len(shop.client.events)
    past = [HistoryMessage(id="OLD1", text="¿tienen tinto?", sent_at=1_700_000_000)]
    shop.business.push_history([HistoryChat(jid=shop.ana.jid, name="Ana", messages=past)])
    chat = synced(shop, after)[0]["conversations"][0]
    live = shop.arrived(shop.ana.send(shop.business, "sigo aquí"))
    assert f"{live['Info']['MessageSource']['Chat']['User']}@lid" == chat["ID"]
    assert "¿tienen tinto?" == chat["messages"][0]["message"]["message"]["conversation"]


def test_history_blob_is_deleted_by_the_library(shop: Linked) -> None:
    """The library removes each blob from the media host once it has it, so a second download finds nothing."""
    after = len(shop.client.events)
    shop.business.push_history(1, messages_per_chat=3, seed=8)
    synced(shop, after)
    shop.business.handset.device.receipts.wait(lambda one: one.type == "hist_sync", 10)
