"""The failure table, calls: WhatsApp refuses or does not answer, and the caller learns whether it was done."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from driven_session import Driven, poll

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import NotConnected, RateLimited, SendFailed, SendUnknown, WorkerGone
from wakit.ids import phone_number
from wakit.model import Receipt, ReceiptState
from wakit.outgoing import Text

pytestmark = [pytest.mark.network, pytest.mark.faults]

CUSTOMER = phone_number("+57 300 987 6543")


def test_a_send_that_is_asked_to_slow_down(ana: Driven, net: Network, customer: Phone) -> None:
    """429 on a send is RateLimited with its number, and nothing was sent."""
    net.faults.arm("message-refused", status=429, times=1)
    with pytest.raises(RateLimited, match="slow down") as caught:
        ana.do(ana.session.send(CUSTOMER.jid, Text(text="muy rápido")))
    assert caught.value.data["number"] == 429
    ana.do(ana.session.send(CUSTOMER.jid, Text(text="más despacio")))
    customer.wait_for(text="más despacio")
    assert all(message.text != "muy rápido" for message in customer.inbox)


def test_a_send_that_is_refused(ana: Driven, net: Network) -> None:
    """Any other refusal is SendFailed: it was not sent, and the session goes on."""
    net.faults.arm("message-refused", status=406, times=1)
    with pytest.raises(SendFailed, match="was not sent"):
        ana.do(ana.session.send(CUSTOMER.jid, Text(text="no")))
    assert ana.status.state == "connected"


def test_a_query_that_is_asked_to_slow_down(ana: Driven, net: Network) -> None:
    """429 on a query is RateLimited."""
    net.faults.arm("iq-refused", xmlns="usync", status=429, times=1)
    with pytest.raises(RateLimited):
        ana.do(ana.session.directory.numbers([CUSTOMER]))


def test_a_query_without_an_answer(ana: Driven, net: Network) -> None:
    """A query that WhatsApp does not answer ends after call_timeout and says so."""
    net.faults.arm("iq-unanswered", xmlns="usync", times=1)
    started = time.monotonic()
    with pytest.raises(NotConnected, match="did not answer within 2 s"):
        ana.do(ana.session.directory.numbers([CUSTOMER]))
    assert time.monotonic() - started < 4


def test_a_send_without_an_ack_is_unknown_and_the_next_was_not_started(ana: Driven, net: Network, customer: Phone) -> None:
    """
    No ack: the send is unknown, never failed, because it may have arrived; it did, and its receipt says so.

    The library sends one message after the other, so a second one that waited
    behind it was certainly not sent.
    """
    net.faults.arm("message-unacked", times=1)
    second: list[BaseException] = []

    def send_another() -> None:
        try:
            ana.do(ana.session.send(CUSTOMER.jid, Text(text="en la cola")))
        except BaseException as exc:
            second.append(exc)

    thread = threading.Thread(target=send_another)
    with pytest.raises(SendUnknown, match="Nobody can tell"):
        ana.do(_start_then(thread, ana.session.send(CUSTOMER.jid, Text(text="¿llegó?"))))
    thread.join(20)
    assert isinstance(second[0], NotConnected)
    arrived = customer.wait_for(text="¿llegó?")
    receipts = poll(lambda: [r for r in ana.records(Receipt) if r.state is ReceiptState.DELIVERED])
    assert receipts[-1].message_ids == (arrived.id,)
    assert all(message.text != "en la cola" for message in customer.inbox)


def test_a_send_cut_off_by_the_end_of_its_worker_is_unknown(ana: Driven, net: Network) -> None:
    """A worker that ends during a send: SendUnknown; during a query: WorkerGone. The session comes back by itself."""
    net.faults.arm("message-unacked", times=1)
    timer = threading.Timer(0.5, lambda: os.kill(int(str(ana.session.pid)), signal.SIGKILL))
    timer.start()
    with pytest.raises(SendUnknown, match="the worker ended"):
        ana.do(ana.session.send(CUSTOMER.jid, Text(text="cortado")))
    ana.until("connected")
    net.faults.arm("iq-unanswered", xmlns="usync", times=1)
    timer = threading.Timer(0.5, lambda: os.kill(int(str(ana.session.pid)), signal.SIGKILL))
    timer.start()
    with pytest.raises(WorkerGone):
        ana.do(ana.session.directory.numbers([CUSTOMER]))
    ana.until("connected")


def test_a_connection_dropped_during_a_send_does_not_lose_it(ana: Driven, net: Network, customer: Phone) -> None:
    """TCP drop while a send waits for its ack: the library sends it again on the new connection, once for the customer."""
    net.faults.arm("message-unacked", times=1)
    threading.Timer(0.3, lambda: net.drop(ana.device)).start()
    sent = ana.do(ana.session.send(CUSTOMER.jid, Text(text="a pesar de todo")))
    assert customer.wait_for(text="a pesar de todo").id == sent.message_id
    poll(lambda: ana.status.state == "connected")
    assert [m.text for m in customer.inbox].count("a pesar de todo") == 1


async def _start_then(thread: threading.Thread, work: Coroutine[Any, Any, Any]) -> Any:
    """Start *work*, and then a thread that wants the same lane."""
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0.3)
    thread.start()
    return await task
