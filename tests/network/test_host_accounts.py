"""Accounts in one host: several at once, each on its network, back after a restart, never in each other's way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hosts import kill, until
from network.hosted import BUSINESS, CUSTOMER, Hosted, Listener, hosted

from wakit import autostart
from wakit.client import connect
from wakit.emulator import Network
from wakit.errors import (
    CorruptFile,
    ForeignNetwork,
    IdempotencyConflict,
    InvalidPhoneNumber,
    LinkingFailed,
    NetworkDescriptorError,
    NotConnected,
    NotLinked,
    UnknownAccount,
)
from wakit.model import SendState, SessionState
from wakit.paths import Workspace

pytestmark = [
    pytest.mark.network,
    # httpcore leaves a Unix socket that nobody answered to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

OTHER = "+57 300 555 0101"
#: WhatsApp has the message; its receipt may come before anybody looks.
ACCEPTED = {SendState.SENT, SendState.DELIVERED}


@pytest.fixture
def shop(workspace: Workspace, whatsapp_network: Network) -> Iterator[Hosted]:
    with hosted(workspace, whatsapp_network) as found:
        yield found


def test_two_accounts_receive_and_send_at_once_and_come_back_after_a_kill(shop: Hosted) -> None:
    """Each keeps its own messages; after SIGKILL of the host both are connected again without a scan."""
    ana, luis = shop.network.phone(BUSINESS, name="Café Andino"), shop.network.phone(OTHER, name="Luis Repuestos")
    customer = shop.network.phone(CUSTOMER, name="Clienta")
    shop.link(ana, "ana")
    shop.link(luis, "luis")
    with connect(shop.workspace) as client:
        listener = Listener(client)
        for number in range(10):
            customer.send(BUSINESS, f"café {number}")
            customer.send(OTHER, f"repuesto {number}")
        until(lambda: len(listener.texts()) == 20)
        for account, word in (("ana", "café"), ("luis", "repuesto")):
            found = [event.data["text"] for event in listener.seen if event.kind == "message" and event.account == account]
            assert found == [f"{word} {number}" for number in range(10)]
    sent = [shop.client.send(CUSTOMER, f"de {account}", account=account) for account in ("ana", "luis")]
    assert {send.state for send in sent} <= ACCEPTED
    senders = {
        received.text: received.sender.user for received in (customer.wait_for(text=f"de {name}") for name in ("ana", "luis"))
    }
    assert len(set(senders.values())) == 2

    kill(shop.workspace)
    assert [status.account for status in shop.client.sessions()] == ["ana", "luis"]
    for account in ("ana", "luis"):
        shop.reach(account, SessionState.CONNECTED)
    customer.send(OTHER, "¿sigue ahí?")
    until(lambda: "¿sigue ahí?" in list(shop.client.messages(account="luis")["text"]))
    assert "¿sigue ahí?" not in list(shop.client.messages(account="ana")["text"])


def test_sends_wait_for_the_connection_and_go_out_once(shop: Hosted) -> None:
    """Queued while the account is stopped, sent in order when it is back, over a restart of the host."""
    shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
    customer = shop.network.phone(CUSTOMER, name="Clienta")
    shop.client.stop_account()
    queued = [shop.client.send(CUSTOMER, f"turno {number}", idempotency_key=f"turno-{number}") for number in range(3)]
    assert [send.state for send in queued] == [SendState.QUEUED] * 3
    assert shop.client.send(CUSTOMER, "turno 0", idempotency_key="turno-0") == queued[0]
    with pytest.raises(IdempotencyConflict) as caught:
        shop.client.send(CUSTOMER, "otro texto", idempotency_key="turno-0")
    assert caught.value.data["id"] == queued[0].id

    autostart.restart(shop.workspace)
    shop.client.connect_account()
    customer.wait_for(text="turno 2")
    until(lambda: all(shop.client.sent(send.id).state in ACCEPTED for send in queued))
    assert [received.text for received in customer.inbox] == ["turno 0", "turno 1", "turno 2"]


def test_send_that_whatsapp_refuses_is_failed_with_its_reason(shop: Hosted) -> None:
    """A number without WhatsApp is told as such, and the queue goes on behind it."""
    shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
    customer = shop.network.phone(CUSTOMER, name="Clienta")
    refused = shop.client.send("+57 300 000 0000", "¿hola?")
    assert (refused.state, refused.message_id) == (SendState.FAILED, None)
    assert "no WhatsApp account" in (refused.error or "")
    assert shop.client.send(CUSTOMER, "sigue").state in ACCEPTED
    assert customer.wait_for(text="sigue")


def test_refused_input_queues_nothing(shop: Hosted) -> None:
    """Typed errors name the input; neither a row nor an account comes of it."""
    shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
    shop.network.phone(CUSTOMER, name="Clienta")
    with pytest.raises(InvalidPhoneNumber, match="12"):
        shop.client.send("12", "hola")
    with pytest.raises(UnknownAccount, match="wakit login nadie"):
        shop.client.send(CUSTOMER, "hola", account="nadie")
    with pytest.raises(LinkingFailed, match="wakit logout"):
        shop.client.new_code()
    assert shop.client.send(CUSTOMER, "hola").state in ACCEPTED
    events = shop.client.events("0", kinds=["send"])
    assert [next(events).data["state"] for _ in range(2)] == ["sending", "sent"]
    events.close()


def test_F19_unknown_account_is_a_typed_error_on_every_verb(shop: Hosted) -> None:
    """No verb makes an account by accident, and the host lives."""
    client = shop.client
    for ask in (
        lambda: client.status("nadie"),
        lambda: client.new_code("nadie"),
        lambda: client.retry("nadie"),
        lambda: client.take_over("nadie"),
        lambda: client.stop_account("nadie"),
        lambda: client.logout("nadie"),
        lambda: client.send(CUSTOMER, "hola", account="nadie"),
        lambda: client.mark_read("573009876543@s.whatsapp.net", "573009876543@s.whatsapp.net", ["X"], account="nadie"),
    ):
        with pytest.raises(UnknownAccount, match="nadie"):
            ask()
    assert client.sessions() == []
    assert not list(shop.workspace.sessions.glob("*/"))


def test_unlinked_account_can_show_a_code_but_not_send(shop: Hosted) -> None:
    """Before the scan there is nobody to send as; stopping takes the code and its files away."""
    shop.client.connect_account("ana", network=shop.network.descriptor)
    shop.reach("ana", SessionState.QR)
    with pytest.raises(NotLinked, match="wakit login ana"):
        shop.client.send(CUSTOMER, "hola", account="ana")
    assert shop.client.stop_account("ana").state is SessionState.STOPPED
    assert not shop.workspace.session_db("ana").exists()


def test_linked_account_never_changes_its_network(shop: Hosted) -> None:
    """Another network is refused by name, and the account stays connected where it is."""
    shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
    with Network() as other, pytest.raises(ForeignNetwork, match="wakit logout"):
        shop.client.connect_account(network=other.descriptor)
    assert shop.client.status().state is SessionState.CONNECTED
    assert shop.client.status().emulated


def test_code_of_one_network_gives_way_to_that_of_another(shop: Hosted) -> None:
    """An account that nobody linked yet may be linked anywhere; the last wish counts."""
    shop.client.connect_account("ana", network=shop.network.descriptor)
    shop.reach("ana", SessionState.QR)
    with Network() as other:
        shop.client.connect_account("ana", network=other.descriptor)
        shown = shop.reach("ana", SessionState.QR)
        assert shown.network != f"emulated:{shop.network.noise_root[:16]}"
        other.phone(BUSINESS, name="Café Andino").scan_text(shown.qr or "")
        assert shop.reach("ana", SessionState.CONNECTED).network == shown.network
        shop.client.stop_account("ana")


def test_account_that_cannot_come_back_says_why_and_harms_nobody(shop: Hosted) -> None:
    """A damaged account.json and a vanished network are reasons in a status; the third account connects."""
    phone = shop.network.phone(BUSINESS, name="Café Andino")
    shop.link(phone, "ana")
    autostart.stop(shop.workspace)
    for account, content in (("rota", "{half"), ("lejos", None)):
        folder = shop.workspace.account_dir(account)
        folder.mkdir(mode=0o700)
        elsewhere = {"account": account, "network": "emulated:0011223344556677", "descriptor": "/nowhere/network.json"}
        linked = {"phone": "+573005550101", "device": "573005550101:1@s.whatsapp.net"}
        shop.workspace.account_file(account).write_text(content or json.dumps(elsewhere | linked))
        shop.workspace.account_file(account).chmod(0o600)
    shop.reach("ana", SessionState.CONNECTED)
    told = {status.account: status for status in shop.client.sessions()}
    assert set(told) == {"ana", "lejos", "rota"}
    assert "account.json" in (told["rota"].reason or "")
    assert "/nowhere/network.json" in (told["lejos"].reason or "")
    with pytest.raises(CorruptFile):
        shop.client.retry("rota")
    with pytest.raises(NetworkDescriptorError):
        shop.client.retry("lejos")


def test_read_receipts_and_stored_rows(shop: Hosted) -> None:
    """What was received can be marked as read, and is there as rows."""
    shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
    customer = shop.network.phone(CUSTOMER, name="Clienta")
    message_id = customer.send(BUSINESS, "¿abren hoy?")
    until(lambda: len(shop.client.messages()) == 1)
    row = shop.client.messages().iloc[0]
    shop.client.mark_read(row["chat"], row["sender"], [message_id])
    customer.wait_receipt(message_id, "read")
    assert list(shop.client.chats()["name"]) == ["Clienta"]
    assert "Clienta" in list(shop.client.contacts()["name"])
    assert bool(shop.client.intervals()["listening"].iloc[-1])
    assert list(shop.client.sql("select count(*) as n from messages where text = ?", ["¿abren hoy?"])["n"]) == [1]
    assert shop.rest("GET", "/api/chats")[1][0]["name"] == "Clienta"
    assert shop.rest("GET", "/api/messages?account=nadie") == (200, [])


def test_logout_without_whatsapp_keeps_everything_unless_forced(
    workspace: Workspace, whatsapp_network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone could not be told, so nothing is removed; force removes it here."""
    monkeypatch.setenv("WAKIT_START_TIMEOUT", "6")
    with hosted(workspace, whatsapp_network) as shop:
        shop.link(shop.network.phone(BUSINESS, name="Café Andino"))
        shop.client.stop_account()
        shop.network.offline()
        with pytest.raises(NotConnected, match="--force"):
            shop.client.logout()
        assert shop.workspace.session_db("default").exists()
        shop.client.logout(force=True)
        assert not shop.workspace.account_dir("default").exists()
        assert shop.client.sessions() == []
