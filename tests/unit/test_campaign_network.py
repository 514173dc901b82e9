"""On which network a campaign may start."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from wakit.errors import NotNow
from wakit.host.campaigns import CampaignOffice


class Ledger:
    """Knows one plan, and whether it was started."""

    started = False

    def get(self, key: str) -> SimpleNamespace:
        return SimpleNamespace(name="café", account="tienda", id=key)

    def start(self, key: str, **_: object) -> SimpleNamespace:
        self.started = True
        return self.get(key)


def office(ledger: Ledger, *, emulated: bool) -> CampaignOffice:
    """Return an office whose account is on an emulated network, or on WhatsApp itself."""
    account = SimpleNamespace(status=SimpleNamespace(emulated=emulated))
    found: Any = CampaignOffice.__new__(CampaignOffice)
    vars(found).update(ledger=ledger, _registry=SimpleNamespace(get=lambda _: account), _queue=lambda _: None)
    return found  # type: ignore[no-any-return]


def test_a_campaign_does_not_start_on_whatsapp_itself() -> None:
    """What the host does not pace yet never risks a number; the plan stays as it is."""
    ledger = Ledger()
    with pytest.raises(NotNow, match="not paced yet"):
        asyncio.run(office(ledger, emulated=False).start("1", confirm=2, digest="d", by=None))
    assert not ledger.started
    asyncio.run(office(ledger, emulated=True).start("1", confirm=2, digest="d", by=None))
    assert ledger.started
