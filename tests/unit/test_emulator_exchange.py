"""What the server answers and to whom it passes things on, stanza by stanza."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wakit.emulator.faults import Fault, Faults
from wakit.emulator.link import StanzaError
from wakit.emulator.nodes import SERVER, Node
from wakit.emulator.server.directory import participant_hash
from wakit.emulator.server.endpoint import Endpoint
from wakit.emulator.server.exchange import Server
from wakit.emulator.server.state import Device, PreKey
from wakit.emulator.trace import Trace
from wakit.ids import JID, LID_SERVER

NAMESPACES = ("encrypt", "usync", "w:g2", "md", "w:sync:app:state", "privacy", "blocklist", "w:profile:picture", "w:qr", "x")
NOUNS = ("key", "usync", "create", "query", "add", "sync", "privacy", "item", "picture", "qr", "leave", "tokens", "invite")
ANA, LEO = "573001234567", "573009876543"


class Recorder(Endpoint):
    """A connection that keeps what is written to it."""

    def __init__(self, trace: Trace) -> None:
        super().__init__(trace)
        self.got: list[Node] = []
        self.closed = False

    def _write(self, node: Node) -> None:
        self.got.append(node)

    def close(self, *, after: float = 0.0) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def of(self, tag: str) -> list[Node]:
        return [node for node in self.got if node.tag == tag]

    @property
    def last(self) -> Node:
        return self.got[-1]


class World:
    """A server with two accounts of two devices each."""

    def __init__(self, folder: Path) -> None:
        self.faults = Faults()
        self.trace = Trace()
        self.server = Server(folder, faults=self.faults, trace=self.trace)
        for phone in (ANA, LEO):
            account = self.server.directory.register(phone, push_name=phone[-4:])
            account.devices[1] = Device(number=1, linked_at=0, noise=b"n" * 32, key_index=1)
            for device in account.devices.values():
                device.identity, device.registration = b"i" * 32, b"\0\0\0\1"
                device.signed_prekey = PreKey(id=b"\0\0\1", value=b"s" * 32, signature=b"g" * 64)
                device.prekeys = [PreKey(id=bytes([0, 0, n]), value=b"p" * 32) for n in range(6)]

    def online(self, phone: str, number: int, *, active: bool = True) -> Recorder:
        endpoint = Recorder(self.trace)
        endpoint.account = self.server.state.accounts[phone]
        endpoint.device = endpoint.account.devices[number]
        self.server.post.enter(endpoint)
        endpoint.active = active
        return endpoint

    def jid(self, phone: str, number: int = 0, server: str = LID_SERVER) -> JID:
        return self.server.state.accounts[phone].address(server, number)

    def ask(self, who: Recorder, xmlns: str, kind: str, *content: Node, to: JID = SERVER) -> Node:
        self.server.receive(who, Node("iq", {"id": "q", "xmlns": xmlns, "type": kind, "to": to}, list(content) or None))
        return who.last

    def message(self, *targets: JID, to: JID, message_id: str = "M1", **attrs: str) -> Node:
        enc = [Node("to", {"jid": jid}, [Node("enc", {"type": "msg", "v": "2"}, str(jid).encode())]) for jid in targets]
        return Node("message", {"id": message_id, "type": "text", "to": to, **attrs}, [Node("participants", {}, list(enc))])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "net")


def test_unknown_question_is_answered_501_and_stays_in_the_trace(world: World) -> None:
    """A client must not hang on what the emulator does not know, and a person must see it."""
    ana = world.online(ANA, 1)
    answer = world.ask(ana, "w:unheard", "get", Node("of"))
    assert (answer.get("type"), answer.find("error").number("code")) == ("error", 501)  # type: ignore[union-attr]
    assert world.trace.select("iq", xmlns="w:unheard")


def test_keep_alive_is_answered_unless_withheld(world: World) -> None:
    """A pong can be withheld from one account while others get theirs."""
    ana, leo = world.online(ANA, 1), world.online(LEO, 1)
    world.faults.arm(Fault.PONG_WITHHELD, account=ANA)
    world.server.receive(ana, Node("iq", {"id": "1", "xmlns": "w:p", "type": "get"}))
    world.server.receive(leo, Node("iq", {"id": "1", "xmlns": "w:p", "type": "get"}))
    assert ana.got == []
    assert leo.last.get("type") == "result"


def test_faults_spare_the_phone(world: World) -> None:
    """A phone of the emulator works on while its companion is refused."""
    phone, companion = world.online(ANA, 0), world.online(ANA, 1)
    world.faults.arm(Fault.IQ_REFUSED, status=429)
    assert world.ask(phone, "blocklist", "get").get("type") == "result"
    assert world.ask(companion, "blocklist", "get").find("error").number("code") == 429  # type: ignore[union-attr]
    world.faults.disarm()
    world.faults.arm(Fault.IQ_UNANSWERED, xmlns="blocklist")
    before = len(companion.got)
    world.server.receive(companion, Node("iq", {"id": "2", "xmlns": "blocklist", "type": "get"}))
    assert len(companion.got) == before


def test_message_is_cut_up_by_device_and_signed_with_both_addresses(world: World) -> None:
    """Each device gets its own ciphertext; others see the sender's number, own devices the recipient."""
    ana, phone, leo = world.online(ANA, 1), world.online(ANA, 0), world.online(LEO, 0)
    targets = [world.jid(LEO), world.jid(LEO, 1), world.jid(ANA)]
    world.server.receive(ana, world.message(*targets, to=world.jid(LEO)))
    theirs, own = leo.of("message")[0], phone.of("message")[0]
    assert theirs.children("enc")[0].data == str(world.jid(LEO)).encode()
    assert (theirs.jid("from"), theirs.get("sender_pn")) == (world.jid(ANA, 1), f"{ANA}@s.whatsapp.net")
    assert (own.jid("from"), own.jid("recipient")) == (world.jid(ANA, 1), world.jid(LEO))
    assert own.get("peer_recipient_pn") == f"{LEO}@s.whatsapp.net"
    ack = ana.of("ack")[0]
    assert (ack.get("class"), ack.get("id"), ack.get("phash"), ack.get("error")) == ("message", "M1", "", "")


def test_message_addressed_by_number_is_answered_by_number(world: World) -> None:
    """A client that writes to phone numbers sees phone numbers, with the LID beside them."""
    ana, leo = world.online(ANA, 1), world.online(LEO, 0)
    to = world.jid(LEO, server="s.whatsapp.net")
    world.server.receive(ana, world.message(to, to=to))
    theirs = leo.of("message")[0]
    assert (theirs.jid("from"), theirs.get("sender_lid")) == (world.jid(ANA, 1, "s.whatsapp.net"), str(world.jid(ANA)))


def test_sender_that_missed_a_device_is_told_by_hash(world: World) -> None:
    """The ack carries the hash of all devices that the message should have been for."""
    ana = world.online(ANA, 1)
    world.server.receive(ana, world.message(world.jid(LEO), to=world.jid(LEO)))
    everyone = participant_hash(world.jid(phone, number) for phone in (ANA, LEO) for number in (0, 1))
    assert ana.of("ack")[0].get("phash") == everyone


def test_message_sent_twice_is_relayed_once_but_a_retry_is_not_a_repeat(world: World) -> None:
    """A lost ack does not double a message; an answer to a retry has the same id and goes through."""
    ana, leo = world.online(ANA, 1), world.online(LEO, 0)
    for _ in range(2):
        world.server.receive(ana, world.message(world.jid(LEO), to=world.jid(LEO)))
    assert (len(ana.of("ack")), len(leo.of("message"))) == (2, 1)
    again = Node("message", {"id": "M1", "type": "text", "to": world.jid(LEO), "device_fanout": "false"}, [Node("enc", {}, b"x")])
    world.server.receive(ana, again)
    assert len(leo.of("message")) == 2


@pytest.mark.parametrize(("to", "code"), [(JID("999", LID_SERVER), 404), (JID("1203", "g.us"), 404)])
def test_message_to_nobody_is_refused(world: World, to: JID, code: int) -> None:
    """The ack of a message to an unknown address carries the error."""
    ana = world.online(ANA, 1)
    world.server.receive(ana, world.message(to, to=to))
    assert ana.last.number("error") == code


def test_status_posts_are_taken_and_shown_to_nobody(world: World) -> None:
    """A status broadcast is acknowledged like a message."""
    ana, leo = world.online(ANA, 1), world.online(LEO, 0)
    world.server.receive(ana, world.message(world.jid(LEO), to=JID("status", "broadcast")))
    assert ana.last.get("error") == ""
    assert leo.got == []


def test_what_is_not_confirmed_comes_again_in_order(world: World) -> None:
    """Messages wait for an absent device; what it confirmed is gone, the rest comes marked as offline."""
    ana = world.online(ANA, 1)
    for number in range(3):
        world.server.receive(ana, world.message(world.jid(LEO), to=world.jid(LEO), message_id=f"M{number}"))
    leo = world.online(LEO, 0, active=False)
    world.server.post.activate(leo)
    assert [node.tag for node in leo.got] == ["ib", "message", "message", "message", "ib"]
    assert leo.got[0].child("offline_preview").number("message") == 3  # type: ignore[union-attr]
    assert {node.get("offline") for node in leo.of("message")} == {"1"}
    world.server.receive(leo, Node("receipt", {"id": "M1", "to": world.jid(ANA, 1)}))
    world.server.receive(leo, Node("ack", {"class": "message", "id": "M0", "to": world.jid(ANA, 1)}))
    again = world.online(LEO, 0, active=False)
    world.server.post.activate(again)
    assert [node.get("id") for node in again.of("message")] == ["M2"]


def test_read_receipts_go_to_every_device_of_both_sides(world: World) -> None:
    """The sender's devices learn it, the reader's other device too; several ids travel as a list."""
    leo, ana_phone, ana, leo_phone = (world.online(*one) for one in ((LEO, 1), (ANA, 0), (ANA, 1), (LEO, 0)))
    items = Node("list", {}, [Node("item", {"id": "M2"})])
    world.server.receive(leo, Node("receipt", {"id": "M1", "type": "read", "to": world.jid(ANA)}, [items]))
    for endpoint in (ana, ana_phone):
        receipt = endpoint.of("receipt")[0]
        assert (receipt.get("type"), receipt.jid("from"), receipt.child("list")) == ("read", world.jid(LEO, 1), items)
    assert leo_phone.of("receipt")[0].jid("recipient") == world.jid(ANA)
    assert leo.of("ack")[0].get("class") == "receipt"


def test_retry_goes_to_the_device_that_sent(world: World) -> None:
    """Only the one that encrypted can encrypt again."""
    leo, ana_phone, ana = world.online(LEO, 0), world.online(ANA, 0), world.online(ANA, 1)
    retry = Node("receipt", {"id": "M1", "type": "retry", "to": world.jid(ANA, 1)}, [Node("retry", {"id": "M1"})])
    world.server.receive(leo, retry)
    assert ana.of("receipt")[0].child("retry") is not None
    assert ana_phone.of("receipt") == []


def test_read_self_stays_between_own_devices(world: World) -> None:
    """With read receipts off the other side hears nothing."""
    leo_phone, leo, ana = world.online(LEO, 0), world.online(LEO, 1), world.online(ANA, 0)
    world.server.receive(leo, Node("receipt", {"id": "M1", "type": "read-self", "to": world.jid(ANA)}))
    assert ana.of("receipt") == []
    assert leo_phone.of("receipt")[0].get("type") == "read-self"


def test_prekey_is_given_once_and_its_owner_warned_when_few_are_left(world: World) -> None:
    """One-time keys do not repeat; at four left, and at none, the device is told; then bundles go without."""
    leo, ana = world.online(LEO, 1), world.online(ANA, 1)
    asked = Node("key", {}, [Node("user", {"jid": world.jid(ANA, 1)})])
    bundles = [world.ask(leo, "encrypt", "get", asked).find("list", "user") for _ in range(7)]
    ids = [bundle.find("key", "id").data for bundle in bundles if bundle and bundle.child("key")]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids)) == 6
    assert bundles[6] is not None
    assert bundles[6].child("skey") is not None
    left = [node.find("count").number("value") for node in ana.of("notification") if node.get("type") == "encrypt"]  # type: ignore[union-attr]
    assert left == [4, 0]


def test_bundle_of_a_device_without_keys_is_an_error_of_that_entry(world: World) -> None:
    """The other bundles of the same question still come."""
    leo = world.online(LEO, 1)
    asked = Node("key", {}, [Node("user", {"jid": world.jid(ANA, 9)}), Node("user", {"jid": world.jid(ANA, 1)})])
    users = list(world.ask(leo, "encrypt", "get", asked).child("list") or ())
    assert users[0].find("error").number("code") == 404  # type: ignore[union-attr]
    assert users[1].child("identity") is not None


def test_those_who_asked_for_a_device_list_hear_of_its_change(world: World) -> None:
    """Watchers are told under both addresses, own devices by an account sync; nobody else is."""
    leo, ana_phone, ana = world.online(LEO, 0), world.online(ANA, 0), world.online(ANA, 1)
    query = Node("query", {}, [Node("devices", {"version": "2"})])
    users = Node("list", {}, [Node("user", {"jid": world.jid(ANA)})])
    answer = world.ask(leo, "usync", "get", Node("usync", {"sid": "1"}, [query, users]))
    listed = answer.find("usync", "list", "user", "devices", "device-list")
    assert [device.get("id") for device in listed or ()] == ["0", "1"]
    asyncio.run(world.server.unlink_device(world.jid(ANA, 1, "s.whatsapp.net")))
    told = [(node.get("type"), str(node.jid("from"))) for node in leo.of("notification")]
    assert told == [("devices", str(world.jid(ANA))), ("devices", f"{ANA}@s.whatsapp.net")]
    assert [node.get("type") for node in ana_phone.of("notification")] == ["devices", "account_sync"]
    assert ana.of("stream:error")[0].child("conflict").get("type") == "device_removed"  # type: ignore[union-attr]
    assert ana.closed


def test_unlinking_what_is_not_linked_is_refused(world: World) -> None:
    """Neither a phone nor an unknown device can be unlinked."""
    for jid in (world.jid(ANA, 0), world.jid(ANA, 7), JID("999", LID_SERVER, 1)):
        with pytest.raises(StanzaError, match="404"):
            asyncio.run(world.server.unlink_device(jid))


def test_app_state_conflict_brings_what_was_missed(world: World) -> None:
    """A device that patches an old version gets the newer patches; the others hear of every accepted one."""
    phone, ana = world.online(ANA, 0), world.online(ANA, 1)

    def patch(version: int, who: Recorder) -> Node:
        collection = Node("collection", {"name": "regular", "version": version}, [Node("patch", {}, b"")])
        answer = world.ask(who, "w:sync:app:state", "set", Node("sync", {}, [collection])).find("sync", "collection")
        assert answer is not None
        return answer

    assert patch(0, phone).number("version") == 1
    assert [node.find("collection").number("version") for node in ana.of("notification")] == [1]  # type: ignore[union-attr]
    refused = patch(0, ana)
    assert (refused.get("type"), refused.find("error").number("code")) == ("error", 409)  # type: ignore[union-attr]
    assert len(list(refused.find("patches") or ())) == 1
    assert patch(1, ana).number("version") == 2


def test_contact_query_tells_who_is_on_whatsapp(world: World) -> None:
    """By number, in any spelling; with the LID where the client wants it; strangers are out."""
    leo = world.online(LEO, 1)

    def look_up(text: str, **attrs: str) -> Node:
        query = Node("query", {}, [Node("contact", dict(attrs))])
        users = Node("list", {}, [Node("user", {}, [Node("contact", {}, text.encode())])])
        found = world.ask(leo, "usync", "get", Node("usync", {}, [query, users])).find("usync", "list", "user")
        assert found is not None
        return found

    assert look_up(f"+{ANA}").jid("jid") == world.jid(ANA, server="s.whatsapp.net")
    by_lid = look_up(f"{ANA}@c.us", addressing_mode="lid")
    assert (by_lid.jid("jid"), by_lid.get("pn_jid")) == (world.jid(ANA), f"{ANA}@s.whatsapp.net")
    stranger = look_up("+573000000000")
    assert stranger.find("contact").get("type") == "out"  # type: ignore[union-attr]


def test_presence_is_shown_while_it_lasts(world: World) -> None:
    """Who asked sees the device come and go, also when its connection breaks; a name change is taken over."""
    leo, ana = world.online(LEO, 1), world.online(ANA, 1)
    world.server.receive(leo, Node("presence", {"type": "subscribe", "to": world.jid(ANA)}))
    world.server.receive(ana, Node("presence", {"type": "available", "name": "Ana Nueva"}))
    world.server.left(ana)
    assert [node.get("type") for node in leo.of("presence")] == ["unavailable", "available", "unavailable"]
    assert leo.of("presence")[-1].number("last") > 0
    assert world.server.state.accounts[ANA].push_name == "Ana Nueva"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    tag=st.sampled_from(["iq", "message", "receipt", "ack", "presence", "chatstate", "call", "ib", "nonsense"]),
    xmlns=st.sampled_from(NAMESPACES),
    kind=st.sampled_from(["get", "set", "result", "error", ""]),
    to=st.sampled_from(["", "s.whatsapp.net", f"{LEO}@s.whatsapp.net", "1203@g.us", "g.us", "status@broadcast"]),
    noun=st.sampled_from(NOUNS),
)
def test_no_stanza_of_a_client_breaks_the_server(world: World, tag: str, xmlns: str, kind: str, to: str, noun: str) -> None:
    """Whatever a logged-in client sends is answered or ignored, never a crash."""
    ana = world.online(ANA, 1)
    attrs = {"id": "x", "xmlns": xmlns, "type": kind, "to": to}
    world.server.receive(ana, Node(tag, {name: value for name, value in attrs.items() if value}, [Node(noun)]))
    if tag == "iq" and kind in ("get", "set"):
        assert ana.last.get("id") == "x"


def test_stranger_is_answered_and_learns_nothing(world: World) -> None:
    """A connection that is not logged in gets 401 and cannot send."""
    stranger, leo = Recorder(world.trace), world.online(LEO, 0)
    assert world.ask(stranger, "blocklist", "get").find("error").number("code") == 401  # type: ignore[union-attr]
    world.server.receive(stranger, world.message(world.jid(LEO), to=world.jid(LEO)))
    assert leo.got == []
