"""Messages, receipts, media and groups between the real library and emulated phones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from network.bare_client import BareClient, CallFailed, jid, link, raw
from network.linked import jpeg

from wakit.emulator import Fault, Network
from wakit.emulator.phone import Phone

pytestmark = pytest.mark.network

CHANGE = "neonize.utils.enum.ParticipantChange"


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def ana(net: Network) -> Phone:
    return net.phone("+57 300 123 4567", name="Ana")


@pytest.fixture(scope="module")
def leo(net: Network) -> Phone:
    return net.phone("+57 300 987 6543", name="Leo")


@pytest.fixture(scope="module")
def client(net: Network, ana: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareClient]:
    with link(net, tmp_path_factory.mktemp("session"), ana) as linked:
        yield linked


@pytest.fixture(autouse=True)
def calm(net: Network) -> Iterator[None]:
    yield
    net.faults.disarm()


def sent_id(answer: Any) -> str:
    return str(answer["ID"])


def test_text_goes_both_ways_and_is_addressed_by_lid(client: BareClient, leo: Phone, ana: Phone) -> None:
    """The client sees the sender's LID with the number beside it; the customer sees the number."""
    leo.send(ana, "¿Tienen pan?")
    source = client.wait_text("¿Tienen pan?")["Info"]["MessageSource"]
    assert (source["Sender"]["Server"], source["Sender"]["User"]) == ("lid", leo.lid.user)
    assert source["SenderAlt"]["User"] == "573009876543"
    client.call("send_message", jid(leo.jid), "Sí, del día")
    assert leo.wait_for(text="Sí, del día").sender.user == "573001234567"


def test_sender_hears_what_became_of_the_message(client: BareClient, leo: Phone) -> None:
    """Delivered comes by itself, read when the customer reads; both name the message."""
    number = sent_id(client.call("send_message", jid(leo.jid), "recibido?"))
    received = leo.wait_for(text="recibido?")
    client.wait("Receipt", lambda data: number in data["MessageIDs"] and data["Type"] == "DELIVERED")
    leo.mark_read(received)
    client.wait("Receipt", lambda data: number in data["MessageIDs"] and data["Type"] == "READ")


def test_companions_receipt_is_marked_inactive(client: BareClient, leo: Phone, ana: Phone) -> None:
    """A companion that is not online delivers silently; its phone says delivered."""
    number = leo.send(ana, "silencio")
    client.wait_text("silencio")
    assert leo.wait_receipt(number, "inactive").sender.device == 1
    assert leo.wait_receipt(number, "delivered").sender.device == 0


def test_own_phone_writes_and_the_companion_sees_it_as_own(client: BareClient, leo: Phone, ana: Phone) -> None:
    """What is written on the phone appears on the companion, in the customer's chat."""
    ana.send(leo, "desde el teléfono")
    source = client.wait_text("desde el teléfono")["Info"]["MessageSource"]
    assert source["IsFromMe"] is True
    assert source["Chat"]["User"] == leo.lid.user


def test_number_without_whatsapp_is_said_so(client: BareClient) -> None:
    """The library refuses to send, and the look-up says out."""
    with pytest.raises(CallFailed, match="no LID found"):
        client.call("send_message", jid("573000000000@s.whatsapp.net"), "hola")
    assert "IsIn: false" in str(client.call("is_on_whatsapp", "+573000000000"))
    assert "IsIn: true" in str(client.call("is_on_whatsapp", "+573009876543"))


def test_picture_arrives_as_it_was_both_ways(client: BareClient, leo: Phone, ana: Phone) -> None:
    """Media is uploaded, downloaded and decrypted to the same bytes in both directions."""
    client.call("send_image", jid(leo.jid), raw(jpeg()), caption="menú")
    got = leo.wait_for(lambda one: one.text == "menú")
    assert hashlib.sha256(leo.download(got)).digest() == hashlib.sha256(jpeg()).digest()
    number = leo.send_media(ana, "image", jpeg(color="blue"), caption="mi pedido")
    client.wait("Message", lambda data: data["Info"]["ID"] == number)
    assert client.call("download", number) == raw(jpeg(color="blue"))["bytes"]


def test_media_host_that_is_full_fails_the_upload_only(net: Network, client: BareClient, leo: Phone) -> None:
    """507 on upload is an error of that call; the next one works."""
    net.faults.arm(Fault.MEDIA_REFUSED, times=1, status=507, method="POST")
    with pytest.raises(CallFailed, match="507"):
        client.call("send_image", jid(leo.jid), raw(jpeg(color="green")))
    client.call("send_image", jid(leo.jid), raw(jpeg(color="green")))


def test_reaction_edit_and_revoke_reach_the_customer(client: BareClient, leo: Phone, ana: Phone) -> None:
    """A reaction names its message; the phone's edit and revoke arrive with their target."""
    number = leo.send(ana, "gracias")
    client.wait_text("gracias")
    client.call("react", number, "❤")
    assert leo.wait_for(lambda one: one.target_id == number).text == "❤"
    leo.edit(ana, number, "muchas gracias")
    client.wait("Message", lambda data: "muchas gracias" in str(data))
    leo.revoke(ana, number)
    client.wait("Message", lambda data: data.get("Message", {}).get("protocolMessage", {}).get("type") == "REVOKE")


def test_group_is_made_changed_and_left(client: BareClient, net: Network, leo: Phone) -> None:
    """Members get the messages and the client hears of every change, its own included."""
    mia = net.phone("+57 300 555 1122", name="Mia")
    group = client.call("create_group", "Tienda", [jid(leo.jid), jid(mia.jid)])
    address = jid(f"{group['JID']['User']}@g.us")
    client.call("send_message", address, "bienvenidos")
    received = leo.wait_for(text="bienvenidos")
    assert mia.wait_for(text="bienvenidos").chat == received.chat
    leo.send(received.chat, "hola a todos")
    client.wait_text("hola a todos")
    client.call("set_group_name", address, "Tienda Norte")
    client.wait("GroupInfoEvent", lambda data: data["Name"]["Name"] == "Tienda Norte")
    client.call("update_group_participants", address, [jid(mia.jid)], {"enum": CHANGE, "value": "REMOVE"})
    assert [member.user for member in leo.group(received.chat).members] == ["573001234567", "573009876543"]
    client.call("update_group_participants", address, [jid(mia.jid)], {"enum": CHANGE, "value": "ADD"})
    client.call("update_group_participants", address, [jid(leo.jid)], {"enum": CHANGE, "value": "PROMOTE"})
    assert [admin.user for admin in leo.group(received.chat).admins] == ["573001234567", "573009876543"]
    client.call("send_message", address, "otra vez tres")
    mia.wait_for(text="otra vez tres")
    assert client.call("get_group_invite_link", address).startswith("https://chat.whatsapp.com/")
    client.call("leave_group", address)
    assert "573001234567" not in [member.user for member in leo.group(received.chat).members]


def test_only_admins_change_a_group(client: BareClient, leo: Phone, ana: Phone) -> None:
    """A member that tries is refused with WhatsApp's code."""
    group = leo.create_group("Solo Leo", [ana])
    client.wait("JoinedGroup", lambda data: data["GroupInfo"]["GroupName"]["Name"] == "Solo Leo")
    with pytest.raises(CallFailed, match=r"401|not-authorized"):
        client.call("update_group_participants", jid(group.jid), [jid(leo.jid)], {"enum": CHANGE, "value": "REMOVE"})
    leo.group_remove(group, ana)
    with pytest.raises(CallFailed, match=r"403|not participating|not in"):
        client.call("get_group_info", jid(group.jid))


def test_profile_is_shown_as_it_was_set(client: BareClient, leo: Phone) -> None:
    """No picture is the library's own error; a picture has an address; the about text is there."""
    with pytest.raises(CallFailed, match="missing <picture>"):
        client.call("get_profile_picture", jid(leo.jid))
    leo.set_picture(jpeg())
    leo.set_about("Solo compras")
    assert client.call("get_profile_picture", jid(leo.jid))["URL"].startswith("https://mmg.whatsapp.net/")
    assert "Solo compras" in str(client.call("get_user_info", jid(leo.jid)))


def test_presence_and_typing_are_shown_to_those_who_asked(client: BareClient, leo: Phone, ana: Phone) -> None:
    """Online and typing reach the client, and the client's typing the phone."""
    client.call("send_presence", {"enum": "neonize.utils.enum.Presence", "value": "AVAILABLE"})
    client.call("subscribe_presence", jid(leo.lid))
    leo.presence(available=True)
    client.wait("Presence", lambda data: not data.get("Unavailable"))
    leo.typing(ana)
    client.wait("ChatPresence")
    state, media = "neonize.utils.enum.ChatPresence", "neonize.utils.enum.ChatPresenceMedia"
    composing = {"enum": state, "value": "CHAT_PRESENCE_COMPOSING"}
    client.call("send_chat_presence", jid(leo.lid), composing, {"enum": media, "value": "CHAT_PRESENCE_MEDIA_TEXT"})
    leo.wait_activity("composing")


def test_blocked_customer_reaches_nobody(client: BareClient, net: Network, ana: Phone) -> None:
    """A blocked number's message is taken and dropped; unblocked, it is delivered again."""
    eva = net.phone("+57 300 222 3344", name="Eva")
    action = "neonize.utils.enum.BlocklistAction"
    client.call("update_blocklist", jid(eva.jid), {"enum": action, "value": "BLOCK"})
    eva.send(ana, "bloqueada")
    client.call("update_blocklist", jid(eva.jid), {"enum": action, "value": "UNBLOCK"})
    eva.send(ana, "libre")
    client.wait_text("libre")
    assert client.count("Message", lambda data: "bloqueada" in str(data)) == 0
