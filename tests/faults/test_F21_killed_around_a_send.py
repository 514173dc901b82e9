"""F21: SIGKILL of the host around a send: no message goes out twice, and what nobody can know is said to be unknown."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_host import BEFORE_COMMIT, BEHIND_ANSWER, BEHIND_SENDING
from hosts import kill, until
from network.shop import ANA, Shop, open_shop

from wakit import autostart
from wakit.client import Client, connect
from wakit.errors import HostGone
from wakit.hostfile import is_alive
from wakit.model import SendState, SessionState

pytestmark = [pytest.mark.faults, pytest.mark.outbox]

ARRIVED = (SendState.SENT, SendState.DELIVERED, SendState.READ)
HOST = Path(__file__).parents[1] / "faulty_host.py"


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("died")


@pytest.fixture(scope="module")
def shop(died: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose hosts die at certain words."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(autostart, "command", lambda: [sys.executable, str(HOST)])
        with open_shop(tmp_path_factory.mktemp("f21"), WAKIT_TEST_DIED=str(died)) as found:
            yield found
            found.client.close()


@pytest.fixture(autouse=True)
def next_host(died: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next host know as well at which words one died already."""
    monkeypatch.setenv("WAKIT_TEST_DIED", str(died))


def killed(shop: Shop, text: str) -> Client:
    """Send what kills the host, and return the client of the next one."""
    with pytest.raises(HostGone):
        shop.client.send(ANA, text, idempotency_key=text, wait=30)
    until(lambda: not is_alive(shop.hosted.workspace))
    return reconnected(shop)


def reconnected(shop: Shop) -> Client:
    """Start the next host, and return its client once the shop can send."""
    shop.client.close()
    shop.hosted.client = connect(shop.hosted.workspace)
    shop.hosted.reach("default", SessionState.CONNECTED)
    return shop.client


def times(shop: Shop, text: str) -> int:
    return [message.text for message in shop.ana.inbox].count(text)


def test_F21_killed_before_the_commit_nothing_happened(shop: Shop) -> None:
    """There is no row and no message; the same call again sends it once."""
    client = killed(shop, BEFORE_COMMIT)
    assert client.sends() == []
    assert client.send(ANA, BEFORE_COMMIT, idempotency_key=BEFORE_COMMIT, wait=30).state in ARRIVED
    shop.ana.wait_for(text=BEFORE_COMMIT)
    assert times(shop, BEFORE_COMMIT) == 1


def test_F21_killed_behind_sending_is_for_a_person_to_decide(shop: Shop) -> None:
    """It is unknown and stays so, the same key does not send it either; a person's word does, once."""
    client = killed(shop, BEHIND_SENDING)
    (send,) = client.sends(states=["unknown"])
    assert client.send(ANA, BEHIND_SENDING, idempotency_key=BEHIND_SENDING, wait=0).id == send.id
    marker = shop.word()
    client.send(ANA, marker, wait=30)
    shop.ana.wait_for(text=marker)  # behind what could have gone out by itself
    assert client.sent(send.id).state is SendState.UNKNOWN
    assert times(shop, BEHIND_SENDING) == 0
    client.send_again(send)
    shop.ana.wait_for(text=BEHIND_SENDING)
    assert times(shop, BEHIND_SENDING) == 1


def test_F21_killed_during_the_call_a_receipt_tells(shop: Shop) -> None:
    """WhatsApp took it and never said so; the recipient's phone confirms an id that nobody knows: that is the one."""
    text = "durante la llamada"
    with shop.unacked():
        send = shop.client.send(str(shop.beto.jid), text, wait=0)
        message = shop.beto.wait_for(text=text)
    kill(shop.hosted.workspace)
    client = reconnected(shop)
    until(lambda: client.sent(send.id).state in ARRIVED)
    assert client.sent(send.id).message_id == message.id
    assert [one.text for one in shop.beto.inbox].count(text) == 1


def test_F21_killed_behind_the_answer_the_journal_tells(shop: Shop) -> None:
    """The worker's journal has the message and the send that it is of, while no receipt can tell."""
    shop.ana.close()
    try:
        client = killed(shop, BEHIND_ANSWER)
        (send,) = [one for one in client.sends() if one.again_of is None][:1]
        until(lambda: client.sent(send.id).state is SendState.SENT)
    finally:
        shop.ana.switch_on()
    assert client.sent(send.id).message_id == shop.ana.wait_for(text=BEHIND_ANSWER).id
    assert times(shop, BEHIND_ANSWER) == 1
