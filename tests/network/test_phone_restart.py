from __future__ import annotations

from pathlib import Path

import pytest
from network.linked import linked

from wakit.emulator import Network

pytestmark = pytest.mark.network


def test_network_restarted_goes_on_with_the_same_sessions(tmp_path: Path) -> None:
    """After a restart of the network its phones still talk to the linked library, without a single retry."""
    state = tmp_path / "network"
    with linked(tmp_path, state=state) as shop:
        group = shop.ana.create_group("Vecinos", [shop.business, shop.beto])
        shop.arrived(shop.ana.send(shop.business, "antes"))
        shop.arrived(shop.ana.send(group, "antes, a todos"))
        shop.library_sends(shop.ana.jid, "antes, de la tienda")
        shop.ana.wait_for(text="antes, de la tienda")
        shop.network.close()
        with Network(state) as again:
            ana, business = again.phone(shop.ana.number.digits), again.phone(shop.business.number.digits)
            beto = again.phone(shop.beto.number.digits)
            shop.client.wait("Connected", after=len(shop.client.events))
            assert [shop.device] == business.devices
            shop.arrived(ana.send(business, "después"))
            shop.arrived(ana.send(group, "después, a todos"))
            beto.wait_for(text="después, a todos")
            shop.library_sends(ana.jid, "después, de la tienda")
            ana.wait_for(text="después, de la tienda")
            assert [] == [one for phone in (ana, beto, business) for one in phone.receipts if one.type == "retry"]
