"""Messages reach the journal once, in order, across restarts of worker and host; calls do what they say."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest
from driven_session import Driven, fds, poll

from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.errors import NotConnected, NotLinked, NotOnWhatsApp
from wakit.ids import JID, phone_number
from wakit.model import Message, MessageType, Raw, Receipt, ReceiptState
from wakit.network import NetworkDescriptor
from wakit.outgoing import Text
from wakit.paths import Workspace
from wakit.session.channel import ExitCode, pair
from wakit.session.process import command, environment

pytestmark = pytest.mark.network

BUSINESS, CUSTOMER, NOBODY = "+57 300 123 4567", "+57 300 987 6543", "+57 300 000 0000"


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def customer(net: Network) -> Phone:
    return net.phone(CUSTOMER, name="Clienta")


@pytest.fixture
def ana(workspace: Workspace, net: Network) -> Iterator[Driven]:
    with Driven(workspace, network=net) as driven:
        yield driven.link(net.phone(BUSINESS, name="Café Andino"))


def test_messages_are_journaled_once_and_in_order(ana: Driven, customer: Phone) -> None:
    """A burst of messages is in the journal, each once, in the order in which they were written."""
    texts = [f"pedido {number}" for number in range(40)]
    for text in texts:
        customer.send(BUSINESS, text)
    poll(lambda: len(ana.texts()) >= len(texts))
    assert ana.texts() == texts
    first = ana.records(Message)[0]
    assert (first.chat, first.push_name, first.from_me) == (first.sender, "Clienta", False)
    assert (first.chat.endswith("@lid"), first.sender_alt) == (True, "573009876543@s.whatsapp.net")


def test_the_host_is_woken_as_soon_as_a_row_is_committed(ana: Driven, customer: Phone) -> None:
    """From the commit of a row in the worker to the wake-up in the host it takes about a millisecond."""
    poll(lambda: ana.entries(27))  # the offline queue is through
    for number in range(30):
        customer.send(BUSINESS, f"hola {number}")
        time.sleep(0.005)
    poll(lambda: len(ana.texts()) == 30)
    woken: dict[int, float] = {}
    for _, seq, at in list(ana.wakes):
        woken.setdefault(seq, at)
    offset = time.time() - time.monotonic()
    delays = sorted(woken[entry.seq] + offset - entry.at.timestamp() for entry in ana.entries(17) if entry.seq in woken)
    assert len(delays) >= 20
    assert delays[len(delays) // 2] < 0.005


def test_a_restarted_worker_resumes_and_gets_what_was_sent_meanwhile(ana: Driven, customer: Phone) -> None:
    """Stop, messages, start: they all come, the device is the same, and the time between is one gap."""
    device = ana.status.device
    ana.stop()
    texts = [f"mientras {number}" for number in range(20)]
    for text in texts:
        customer.send(BUSINESS, text)
    ana.start().until("connected")
    ana.await_texts(texts)
    assert ana.status.device == device
    assert [gap.cause for gap in ana.gaps()] == ["stopped"]


def test_a_session_of_a_former_host_is_taken_up(workspace: Workspace, ana: Driven, net: Network, customer: Phone) -> None:
    """Another Session object, without a network named, resumes on the account's own network."""
    ana.stop()
    customer.send(BUSINESS, "¿siguen ahí?")
    with Driven(workspace) as later:
        assert later.status.phone == "+573001234567"
        later.do(later.session.resume())
        assert later.until("connected").network == f"emulated:{net.noise_root[:16]}"
        later.await_texts(["¿siguen ahí?"])


def test_a_worker_whose_host_died_journals_and_leaves(ana: Driven, net: Network, customer: Phone) -> None:
    """When the line to the host breaks the worker journals what came, says why it ends, and is gone."""
    ana.stop()
    host_end, worker_end = pair()
    env = environment(NetworkDescriptor.load(net.descriptor))
    process = subprocess.Popen(command(worker_end.fileno()), pass_fds=[worker_end.fileno()], env=env)
    worker_end.close()
    orders = {
        "journal": str(ana.workspace.journal_dir("ana")),
        "lock": str(ana.workspace.worker_lock("ana")),
        "database": str(ana.workspace.session_db("ana")),
        "flush": 0.05,
        "device": str(ana.status.device),
        "name": "wakit (ana)",
        "noise_root": net.noise_root,
    }
    host_end.sendall(json.dumps(orders).encode() + b"\n")
    customer.send(BUSINESS, "último")
    ana.await_texts(["último"])
    host_end.shutdown(socket.SHUT_RDWR)
    assert process.wait(timeout=10) == ExitCode.HOST_GONE
    host_end.close()
    assert ana.ends()[-1]["cause"] == "host_gone"
    ana.start().until("connected")


def test_two_workers_of_one_account_never_run_at_once(ana: Driven, net: Network) -> None:
    """A second worker finds the lock taken and ends with its own code; the first is not disturbed."""
    host_end, worker_end = pair()
    process = subprocess.Popen(
        command(worker_end.fileno()), pass_fds=[worker_end.fileno()], env=environment(ana.session._machine._network)
    )
    worker_end.close()
    orders = {"lock": str(ana.workspace.worker_lock("ana")), "journal": str(ana.workspace.journal_dir("ana"))}
    host_end.sendall(json.dumps(orders).encode() + b"\n")
    assert process.wait(timeout=10) == ExitCode.LOCKED
    host_end.close()
    assert ana.status.state == "connected"


def test_a_text_is_delivered_and_journaled(ana: Driven, customer: Phone) -> None:
    """Send returns WhatsApp's id, the customer reads the text, and our own message is in the journal too."""
    sent = ana.do(ana.session.send(phone_number(CUSTOMER).jid, Text(text="¡Hola! 🎉 @573001112222")))
    received = customer.wait_for(text="¡Hola! 🎉 @573001112222")
    assert received.id == sent.message_id
    own = next(message for message in ana.records(Message) if message.from_me)
    assert (own.message_id, own.text, own.mentions) == (sent.message_id, "¡Hola! 🎉 @573001112222", ())
    assert own.chat.endswith("@lid")
    receipts = poll(lambda: [r for r in ana.records(Receipt) if r.state is ReceiptState.DELIVERED])
    assert receipts[0].message_ids == (sent.message_id,)


def test_a_number_without_whatsapp_is_told(ana: Driven) -> None:
    """Sending to it is NotOnWhatsApp, and asking says so without an error."""
    with pytest.raises(NotOnWhatsApp, match="no WhatsApp account"):
        ana.do(ana.session.send(phone_number(NOBODY).jid, Text(text="hola")))
    answers = ana.do(ana.session.directory.numbers([phone_number(NOBODY), phone_number(CUSTOMER)]))
    assert [answer.jid is not None for answer in answers] == [False, True]


def test_reading_and_typing_reach_the_customer(ana: Driven, customer: Phone) -> None:
    """mark_read turns the customer's ticks blue, typing shows as such."""
    message_id = customer.send(BUSINESS, "¿me lees?")
    message = poll(lambda: [m for m in ana.records(Message) if m.message_id == message_id])[0]
    chat = JID.parse(message.chat)
    ana.do(ana.session.mark_read(chat, chat, [message_id]))
    ana.do(ana.session.typing(chat, True))
    poll(lambda: any(receipt.type == "read" and message_id in receipt.ids for receipt in customer.receipts))
    poll(lambda: any(activity.state == "composing" for activity in customer.activities))


def test_everything_else_is_kept_raw(ana: Driven, net: Network, customer: Phone) -> None:
    """Group changes, typing and presence arrive as raw records with their names, not as nothing."""
    group = customer.create_group("Pedidos", [BUSINESS])
    customer.send(group.jid, "bienvenida")
    names = poll(lambda: {record.name for record in ana.records(Raw)} >= {"JoinedGroup", "Device"})
    assert names
    ana.await_texts(["bienvenida"])
    assert "quarantine" not in {record.name for record in ana.records(Raw)}


def test_edits_revokes_reactions_and_polls_are_records_of_their_own(ana: Driven, customer: Phone) -> None:
    """Each comes as a message of its type that names its target."""
    original = customer.send(BUSINESS, "son 3")
    customer.edit(BUSINESS, original, "son 4")
    customer.react(BUSINESS, original, "👍")
    customer.revoke(BUSINESS, original)
    about = poll(lambda: [m for m in ana.records(Message) if m.target_id == original and len(ana.records(Message)) >= 4])
    assert [(message.type, message.text) for message in about] == [
        (MessageType.EDIT, "son 4"),
        (MessageType.REACTION, "👍"),
        (MessageType.REVOKE, None),
    ]


def test_calls_without_a_session_are_refused(workspace: Workspace, net: Network) -> None:
    """F19: an account that is not linked, or not connected, answers every call with a typed error and lives on."""
    with Driven(workspace, "leo", network=net) as leo:
        someone = phone_number(CUSTOMER)
        for call in (leo.session.send(someone.jid, Text(text="x")), leo.session.directory.numbers([someone])):
            with pytest.raises(NotLinked, match="wakit login leo"):
                leo.do(call)
        leo.link(net.phone("+57 300 555 1001"))
        leo.stop()
        with pytest.raises(NotConnected, match="not connected"):
            leo.do(leo.session.typing(someone.jid, True))


def test_F20_restarts_and_reconnects_leak_nothing(ana: Driven, net: Network, customer: Phone) -> None:
    """200 broken connections and 12 killed workers later: the host's and the worker's descriptors are as many as before."""
    device = ana.device
    before, pid = fds(os.getpid()), ana.session.pid
    for _ in range(200):
        net.drop(device)
        ana.until("reconnecting")
        ana.until("connected")
    assert ana.session.pid == pid
    poll(lambda: fds(pid) <= 40)
    for _ in range(12):
        os.kill(int(str(ana.session.pid)), signal.SIGKILL)
        ana.until("reconnecting")
        ana.until("connected")
    assert ana.session.pid != pid
    poll(lambda: fds(os.getpid()) <= before + 1)
    customer.send(BUSINESS, "sigo aquí")
    ana.await_texts(["sigo aquí"])
    assert len(ana.gaps()) == 212
