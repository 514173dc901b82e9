"""The failure table, connection: it breaks, freezes or is taken away, and nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from driven_session import Driven, poll, says

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import NotConnected
from wakit.ids import phone_number
from wakit.outgoing import Text
from wakit.paths import Workspace
from wakit.session.states import Limits

pytestmark = [pytest.mark.network, pytest.mark.faults]

BUSINESS, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"


@pytest.fixture(scope="module", autouse=True)
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """Return a session on a network of its own that answers no ping; the library needs half a minute to notice."""
    with Network() as network:
        workspace = Workspace(tmp_path_factory.mktemp("frozen")).create()
        with Driven(workspace, "leo", network=network, call_timeout=1.0) as leo:
            leo.link(network.phone(BUSINESS))
            network.faults.arm("pong-withheld")
            network.faults.arm("iq-unanswered", xmlns="usync", times=1)
            yield leo


def test_a_dropped_connection_is_a_blink(ana: Driven, net: Network, customer: Phone) -> None:
    """TCP drop: reconnecting, connected again within a second by the same worker, one gap, nothing lost."""
    pid = ana.session.pid
    net.drop(ana.device)
    lost = ana.until("reconnecting")
    says(lost, es="Sin conexión desde hace", en="Offline for")
    back = ana.until("connected")
    assert (back.since - lost.since).total_seconds() < 1
    assert ana.session.pid == pid
    customer.send(BUSINESS, "¿sigues?")
    ana.await_texts(["¿sigues?"])
    assert [gap.cause for gap in ana.gaps()] == ["offline"]


@pytest.mark.parametrize("code", [503, 500, 429, 401])
def test_a_stream_error_is_told_and_passes(ana: Driven, net: Network, customer: Phone, code: int) -> None:
    """stream:error 503, 500, 429, 401 without conflict: reconnecting with the code where the library says it."""
    net.stream_error(ana.device, code)
    lost = ana.until("reconnecting")
    assert lost.reason == (None if code == 503 else f"stream error {code}")
    customer.send(BUSINESS, f"hola {code}")
    ana.until("connected")
    ana.await_texts([f"hola {code}"])


def test_a_stream_error_515_is_silent(ana: Driven, net: Network, customer: Phone) -> None:
    """stream:error 515: the library logs in again, nobody needs to know, nothing is lost."""
    net.stream_error(ana.device, 515)
    customer.send(BUSINESS, "hola 515")
    ana.await_texts(["hola 515"])
    assert "reconnecting" not in [str(status.state) for status in ana.statuses[ana._seen :]]


@pytest.mark.parametrize("status", [429, 503])
def test_a_dial_refused_while_reconnecting(ana: Driven, net: Network, customer: Phone, status: int) -> None:
    """HTTP 429, 503 while reconnecting: silence of the library, then a fresh worker, then connected."""
    net.faults.arm("dial-refused", status=status, times=3)
    net.drop(ana.device)
    ana.until("reconnecting")
    customer.send(BUSINESS, f"hola {status}")
    ana.until("connected")
    ana.await_texts([f"hola {status}"])
    assert len(ana.gaps()) == 1


def test_an_outage_restarts_the_worker_and_ends_connected(ana: Driven, net: Network, customer: Phone) -> None:
    """An outage: sends are refused at once and truthfully, the worker is replaced, one gap for all of it."""
    pid = ana.session.pid
    net.outage(3.0)
    waiting = ana.until("reconnecting")
    assert waiting.retry_at is not None
    started = time.monotonic()
    with pytest.raises(NotConnected, match="Nothing was done"):
        ana.do(ana.session.send(phone_number(CUSTOMER).jid, Text(text="nunca")))
    assert time.monotonic() - started < 0.5
    customer.send(BUSINESS, "después")
    ana.until("connected")
    ana.await_texts(["después"])
    assert ana.session.pid != pid
    assert [gap.cause for gap in ana.gaps()] == ["offline"]
    assert all(message.text != "nunca" for message in customer.inbox)


def test_a_retry_is_possible_before_the_pause_ends(workspace: Workspace, net: Network) -> None:
    """retry_now does not wait for a pause of minutes."""
    with Driven(workspace, "eva", network=net, retry_first=300.0, retry_limit=300.0) as eva:
        eva.link(net.phone("+57 300 555 2001"))
        net.faults.arm("login-failure", reason=418, times=1, account="573005552001")
        net.drop(eva.device)
        paused = eva.until("reconnecting", where=lambda status: status.retry_at and status.reason)
        assert (paused.retry_at - paused.since).total_seconds() > 100
        eva.do(eva.session.retry_now())
        eva.until("connected")


def test_F17_replaced_by_another_program(ana: Driven, net: Network, customer: Phone) -> None:
    """Conflict: replaced, no fight; messages wait, and taking the session back brings them."""
    net.stream_error(ana.device, conflict="replaced")
    says(ana.until("replaced"), es="Otra aplicación está usando esta sesión", en="Another program is using this session")
    poll(lambda: ana.session.pid is None)
    customer.send(BUSINESS, "¿quién lee?")
    ana.do(ana.session.resume())
    assert ana.status.state == "replaced"
    ana.do(ana.session.take_over())
    ana.until("connected")
    ana.await_texts(["¿quién lee?"])
    assert [gap.cause for gap in ana.gaps()] == ["replaced"]


def test_F17_removed_by_the_phone(ana: Driven, phone: Phone, customer: Phone) -> None:
    """stream:error 401 device_removed: logged_out; what was stored stays."""
    customer.send(BUSINESS, "antes")
    ana.await_texts(["antes"])
    phone.unlink(ana.device)
    says(ana.until("logged_out"), es="Los mensajes guardados siguen aquí", en="Stored messages are safe")
    assert ana.texts() == ["antes"]


def test_F15_an_event_that_the_library_cannot_pass_on(ana: Driven, net: Network, customer: Phone) -> None:
    """A receipt of an unknown type kills the event pump while the socket stays up: a fresh worker within a second."""
    customer.send(BUSINESS, "antes")
    ana.await_texts(["antes"])
    net.send_receipt(ana.device, sender=ana.device.bare, ids=["3EB0"], kind="server-error")
    dead = ana.until("reconnecting")
    assert "Receipt.Type" in str(dead.reason)
    back = ana.until("connected")
    assert (back.since - dead.since).total_seconds() < 5
    customer.send(BUSINESS, "después")
    ana.await_texts(["antes", "después"])
    assert [gap.cause for gap in ana.gaps()] == ["pump_dead"]
    assert ana.ends()[-1]["code"] == 20


def test_F16_a_quiet_night_is_not_deaf(workspace: Workspace, net: Network) -> None:
    """Without any message the session asks WhatsApp something, gets an answer and stays as it is."""
    with Driven(workspace, "eva", network=net, limits=Limits(deaf=0.5)) as eva:
        eva.link(net.phone("+57 300 555 2002"))
        first = poll(lambda: eva.status.last_traffic_at)
        poll(lambda: (eva.status.last_traffic_at - first).total_seconds() > 1.5)
        assert (eva.status.state, eva.status.restarts) == ("connected", 0)


def test_F16_a_dead_connection_is_deaf_and_restarted_once(workspace: Workspace, net: Network) -> None:
    """Connected, no traffic, and no answer to a question: deaf, told once, restarted, connected."""
    with Driven(workspace, "eva", network=net, limits=Limits(deaf=0.5), call_timeout=0.5) as eva:
        eva.link(net.phone("+57 300 555 2003"))
        net.faults.arm("iq-unanswered", xmlns="usync", times=1, account="573005552003")
        deaf = eva.until("deaf")
        says(deaf, es="reinicio la sesión", en="restarting the session")
        eva.until("connected")
        assert [str(state) for state in eva.states].count("deaf") == 1
        assert [gap.cause for gap in eva.gaps()] == ["deaf"]


def test_no_pong_is_deaf_long_before_the_library_gives_up(frozen: Driven) -> None:
    """KeepAliveTimeout (after about 36 s) and no answer to a question: restarted at once, where whatsmeow waits three minutes."""
    deaf = frozen.until("deaf", timeout=75)
    says(deaf, es="sin tráfico desde hace", en="no traffic for")
    frozen.until("connected")
    assert [gap.cause for gap in frozen.gaps()] == ["deaf"]
    assert 25 < (frozen.gaps()[0].until - frozen.statuses[0].since).total_seconds() < 75
