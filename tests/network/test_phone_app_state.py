from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from network.bare_client import CallFailed
from network.linked import Linked, linked

pytestmark = pytest.mark.network

PRESENCE = {"enum": "neonize.utils.enum.Presence", "value": "AVAILABLE"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


def stored(shop: Linked, query: str, *values: object) -> str | None:
    """Look one value up in the library's own database, as often as it takes; the library has no event for it."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(f"file:{shop.client.session}?mode=ro", uri=True)) as database:
            row = database.execute(query, values).fetchone()
        if row is not None and row[0]:
            return str(row[0])
        time.sleep(0.02)
    return None


def test_push_name_of_the_phone_lets_the_library_send_presence(shop: Linked) -> None:
    """The library gets the account's name from the phone unasked, without which it refuses to be online."""
    assert "Café Andino" == stored(shop, "SELECT push_name FROM whatsmeow_device WHERE push_name <> ''")
    shop.client.call("send_presence", PRESENCE)


def test_rename_on_the_phone_reaches_the_library(shop: Linked) -> None:
    """A new name is a second patch, which follows from the first."""
    shop.business.rename("Café del Sur")
    assert "Café del Sur" == stored(shop, "SELECT push_name FROM whatsmeow_device WHERE push_name = 'Café del Sur'")
    shop.client.call("send_presence", PRESENCE)


def test_contacts_of_the_phone_reach_the_library(shop: Linked) -> None:
    """The names in the phone's address book become the library's contacts."""
    shop.business.set_contacts({"+57 310 765 4321": "Doña Ana María"})
    query = "SELECT full_name FROM whatsmeow_contacts WHERE their_jid = ? AND full_name <> ''"
    assert "Doña Ana María" == stored(shop, query, str(shop.ana.jid))


def test_presence_without_a_name_would_have_failed() -> None:
    """The first test proves something: the error that it would meet is an error of the driver."""
    assert issubclass(CallFailed, Exception)
