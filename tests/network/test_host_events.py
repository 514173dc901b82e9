"""Events reach every listener once and in order, through the death of the host (F08)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hosts import kill, until
from network.hosted import BUSINESS, CUSTOMER, Hosted, Listener, hosted

from wakit.client import connect
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import HostGone, WakitError
from wakit.model import SessionState
from wakit.paths import Workspace

pytestmark = [
    pytest.mark.network,
    # httpcore leaves a Unix socket that nobody answered to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def shop(workspace: Workspace, whatsapp_network: Network) -> Iterator[Hosted]:
    with hosted(workspace, whatsapp_network) as found:
        found.link(whatsapp_network.phone(BUSINESS, name="Café Andino"))
        yield found


@pytest.fixture
def customer(shop: Hosted) -> Phone:
    return shop.network.phone(CUSTOMER, name="Ana")


def test_F08_feed_goes_on_over_a_killed_host_with_no_gap_and_no_repeat(shop: Hosted, customer: Phone) -> None:
    """SIGKILL in the middle: the same iterator goes on with a new host, without a scan, each message once and in order."""
    texts = [f"pedido {number}" for number in range(60)]
    with connect(shop.workspace) as client:
        listener = Listener(client)
        for number, text in enumerate(texts):
            customer.send(BUSINESS, text)
            if number == 20:
                until(lambda: len(listener.texts()) >= 5)
                first = client.host_info.pid
                kill(shop.workspace)
        until(lambda: len(listener.texts()) >= len(texts) or listener.error is not None, 60)
        assert (listener.error, listener.texts()) == (None, texts)
        assert client.host_info.pid != first
        assert shop.reach("default", SessionState.CONNECTED).phone == "+573001234567"
        until(lambda: len(shop.client.messages()) == len(texts))
        assert list(shop.client.messages()["text"]) == texts
        assert [event.data["cause"] for event in listener.seen if event.kind == "gap"] == ["killed"]


def test_F08_call_that_was_under_way_ends_in_host_gone_at_once(shop: Hosted, customer: Phone) -> None:
    """Within two seconds the caller knows that nobody knows; the next call works, and the message goes out once."""
    shop.client.stop_account()
    caught: list[tuple[float, WakitError]] = []

    def send() -> None:
        try:
            shop.client.send(CUSTOMER, "¿llegó?", wait=30)
        except WakitError as exc:
            caught.append((time.monotonic(), exc))

    with connect(shop.workspace) as other:
        listener = Listener(other, after="0")
        caller = threading.Thread(target=send)
        caller.start()
        listener.wait(lambda event: event.kind == "send")
        kill(shop.workspace)
        killed = time.monotonic()
        caller.join(10)
    at, error = caught.pop()
    assert isinstance(error, HostGone)
    assert at - killed < 2
    assert "Call again" in str(error)
    shop.client.connect_account()
    customer.wait_for(text="¿llegó?")
    assert [received.text for received in customer.inbox] == ["¿llegó?"]


def test_listener_from_the_past_sees_everything_then_the_present(shop: Hosted, customer: Phone) -> None:
    """``after="0"`` replays the whole journal and flows into what happens now."""
    for number in range(5):
        customer.send(BUSINESS, f"antes {number}")
    until(lambda: len(shop.client.messages()) == 5)
    with connect(shop.workspace) as client:
        listener = Listener(client, after="0")
        until(lambda: len(listener.texts()) == 5)
        customer.send(BUSINESS, "ahora")
        until(lambda: len(listener.texts()) == 6)
    assert listener.texts() == [*(f"antes {number}" for number in range(5)), "ahora"]
    assert len({event.id for event in listener.seen}) == len(listener.seen)


def test_what_was_sent_while_the_host_was_away_arrives_later(shop: Hosted, customer: Phone) -> None:
    """WhatsApp keeps messages for us; the next host gets them without a scan, and a listener of the old one too."""
    with connect(shop.workspace) as client:
        listener = Listener(client)
        customer.send(BUSINESS, "uno")
        until(lambda: listener.texts() == ["uno"])
        after = listener.seen[-1].id
    kill(shop.workspace)
    customer.send(BUSINESS, "dos")
    with connect(shop.workspace) as client:
        listener = Listener(client, after=after)
        until(lambda: listener.texts() == ["dos"])


def test_kinds_and_accounts_can_be_chosen(shop: Hosted, customer: Phone) -> None:
    """A listener sees what it asked for; an unknown kind is refused with the known ones."""
    with connect(shop.workspace) as client:
        events = client.events(kinds=["gap", "message"], account="default")
        listening = threading.Timer(0.3, lambda: customer.send(BUSINESS, "hola"))
        listening.start()
        assert next(events).data["text"] == "hola"
        events.close()
    status, told = shop.rest("GET", "/api/events?kinds=surprise")
    assert (status, told["code"]) == (400, "invalid-input")
    assert "message" in told["detail"]
    status, told = shop.rest("GET", "/api/events?after=yesterday")
    assert (status, told["code"]) == (400, "invalid-input")
