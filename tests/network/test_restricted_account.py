"""WhatsApp answers 463: the account stops by itself until it is resumed, and people are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import until
from network.shop import ANA, BETO, Shop, open_shop

from wakit.emulator.faults import Fault
from wakit.model import SendState
from wakit.pacing import StopReason

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("restricted")) as found:
        for person in (ANA, BETO):
            found.client.opt_in(person, "transactional", text="Acepto avisos")
        yield found


def test_restricted_account_stops_until_a_person_resumes(shop: Shop) -> None:
    """What is automated waits and says why, what a person writes leaves; after resuming the rest leaves too."""
    shop.hosted.network.faults.arm(Fault.MESSAGE_REFUSED, account=shop.phone.jid.user, times=1, status=463)
    refused = shop.client.send(ANA, shop.word(), purpose="transactional", wait=0)
    until(lambda: shop.client.sent(refused.id).state is SendState.FAILED)
    stop = shop.client.pacing().stop
    assert stop is not None
    assert (stop.reason, stop.until is None) == (StopReason.RESTRICTED, False)
    waiting, own = shop.word(), shop.word()
    queued = shop.client.send(BETO, waiting, purpose="transactional", wait=0)
    shop.client.send(BETO, own)
    shop.beto.wait_for(text=own)
    until(lambda: shop.client.sent(queued.id).waiting_for == "Sending is stopped for this account.")
    assert shop.client.sent(queued.id).state is SendState.QUEUED
    assert shop.client.resume_sending(by="Ana").stop is None
    shop.beto.wait_for(text=waiting)
