from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from network.bare_client import BareClient
from network.linked import linked

pytestmark = pytest.mark.network


def test_phone_switched_off_gets_everything_later_in_order(tmp_path: Path) -> None:
    """What the library writes to a phone that is off waits, comes in order when it is on again, and is receipted then."""
    with linked(tmp_path) as shop:
        shop.library_sends(shop.ana.jid, "antes")
        shop.ana.wait_for(text="antes")
        shop.ana.close()
        texts = [f"mientras {number}" for number in range(20)]
        ids = {shop.library_sends(shop.ana.jid, text) for text in texts}

        def is_hers(receipt: Any) -> bool:
            return receipt["MessageSource"]["Sender"]["User"] == shop.ana.lid.user and bool(ids & set(receipt["MessageIDs"]))

        assert 0 == shop.client.count("Receipt", is_hers)
        shop.ana.switch_on()
        shop.ana.wait_for(text=texts[-1])
        assert texts == [one.text for one in shop.ana.inbox if one.id in ids]
        for message_id in ids:
            shop.client.wait("Receipt", lambda data, sent=message_id: is_hers(data) and sent in data["MessageIDs"])


def test_library_killed_gets_everything_later(tmp_path: Path) -> None:
    """What phones write while the library is not running waits for it; its own account's copies too."""
    with linked(tmp_path) as shop:
        shop.arrived(shop.ana.send(shop.business, "antes"))
        shop.client.kill()
        sent = [shop.ana.send(shop.business, f"mientras {number}") for number in range(5)]
        sent.append(shop.business.send(shop.ana, "del celular"))
        with BareClient(shop.network, shop.client.session) as again:
            for message_id in sent:
                again.wait("Message", lambda data, one=message_id: data["Info"]["ID"] == one)
