"""Show 4: two notebooks query while 200 messages a second arrive; nobody waits for anybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from network.hosted import BUSINESS, CUSTOMER, Hosted, hosted
from querying import Lags, notebooks, send_paced

from wakit.emulator import Network
from wakit.paths import Workspace

pytestmark = pytest.mark.network

COUNT, RATE = 600, 200
#: The figure is 0.3 s (bench_query.py); here other tests may have the machine, and a blocked writer would never end.
LAG = 3.0


@pytest.fixture
def shop(workspace: Workspace, whatsapp_network: Network) -> Iterator[Hosted]:
    with hosted(workspace, whatsapp_network) as found:
        found.link(whatsapp_network.phone(BUSINESS, name="Café Andino"))
        yield found


def test_two_notebooks_query_while_messages_arrive(shop: Hosted) -> None:
    """No lock error, no blocked writer: every message is stored once and found soon, and counts only grow."""
    customer = shop.network.phone(CUSTOMER, name="Ana")
    lags = Lags(shop.workspace, "pedido", COUNT)
    with notebooks(shop.workspace, 2) as readers:
        send_paced(customer, BUSINESS, "pedido", COUNT, RATE)
        waited = sorted(lags.wait(60))
    for reader in readers:
        assert [] == reader.errors
        assert reader.counts == sorted(reader.counts)
        assert len(reader.seconds) > 5
    stored = shop.client.sql("SELECT text FROM messages WHERE text LIKE 'pedido %' ORDER BY ts, text")
    assert sorted(f"pedido {n}" for n in range(COUNT)) == sorted(stored["text"])
    assert waited[int(COUNT * 0.95)] < LAG
