from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from network.linked import Linked, linked

from wakit.emulator.nodes import SERVER, Attrs, Node
from wakit.emulator.syncd import Change, CollectionName, PushNameSetting, SyncActionValue
from wakit.emulator.trace import Direction

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


def test_phone_catches_up_with_what_a_companion_changed(shop: Linked) -> None:
    """A change that a companion made in between is taken in before the phone's own, and both arrive."""
    handset = shop.business.handset
    key, state = handset.app_state.key, handset.app_state.collection(CollectionName.CRITICAL_BLOCK)
    value = SyncActionValue(timestamp=1, pushNameSetting=PushNameSetting(name="Otro nombre"))
    patch, _ = state.patch(key, [Change(["setting_pushName"], value)])
    attrs: Attrs = {"name": "critical_block", "version": state.version, "return_snapshot": "false"}
    collection = Node("collection", attrs, [Node("patch", {}, patch)])
    iq = Node("iq", {"xmlns": "w:sync:app:state", "type": "set", "to": SERVER}, [Node("sync", {}, [collection])])
    shop.network.run(handset.device.link.request(iq))
    shop.business.rename("Café de Todos")
    assert "Café de Todos" == stored(shop, "SELECT push_name FROM whatsmeow_device WHERE push_name = 'Café de Todos'")
    assert state.version + 2 == handset.app_state.collection(CollectionName.CRITICAL_BLOCK).version


def test_new_companion_never_asks_for_the_key(shop: Linked) -> None:
    """The key is with a companion before it hears of anything that needs it: it sends the phone no request."""
    shop.library_sends(shop.ana.jid, "después de enlazar")
    shop.ana.wait_for(text="después de enlazar")
    sent = shop.network.trace.select("message", who=str(shop.device), direction=Direction.FROM_CLIENT)
    assert [] == [node for node in sent if node.get("category") == "peer"]
