"""WhatsApp answers 463: the account stops by itself until it is resumed, and people are told."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator

import pytest
from hosts import until
from network.shop import ANA, BETO, Shop, open_shop

from wakit.cli import main
from wakit.emulator.faults import Fault
from wakit.errors import UnknownAccount
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


def test_terminal_pauses_shows_and_resumes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pause is told with the command that ends it, by `wakit status` too; a paused account sends nothing, also of people."""
    monkeypatch.chdir(shop.hosted.workspace.root)
    monkeypatch.setenv("WAKIT_LANG", "en")

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    told = "⏸ Nothing is sent: somebody paused the account. → To go on run: wakit pacing resume default"
    assert told in run("pacing", "pause", "--why", "inventario")
    shown = run("pacing", "show")
    assert told in shown
    assert "inventario" in shown
    assert told in run("status")
    word = shop.word()
    shop.client.send(BETO, word, wait=0)
    assert "⏸" not in run("pacing", "resume")
    shop.beto.wait_for(text=word)
    assert json.loads(run("pacing", "show", "--json"))["stop"] is None


def test_unknown_account_has_no_pace(shop: Shop) -> None:
    """An account that nobody knows has no pace, over REST as well."""
    assert shop.hosted.rest("GET", "/api/pacing?account=nadie")[0] == 404
    with pytest.raises(UnknownAccount):
        shop.client.pause_sending("nadie")


def test_unlinking_here_is_no_reason_to_stop(shop: Shop) -> None:
    """Whoever logs out means to: linked again, the account goes on without anybody who resumes it."""
    shop.client.logout()
    with contextlib.closing(sqlite3.connect(shop.hosted.workspace.outbox)) as db:
        reasons = [reason for (reason,) in db.execute("SELECT why FROM pacing_stop ORDER BY no")]
    assert reasons == [StopReason.RESTRICTED, StopReason.PAUSED]
