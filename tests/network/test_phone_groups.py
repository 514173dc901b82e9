from __future__ import annotations

from collections.abc import Iterator

import pytest
from network.linked import Linked, linked

from wakit.emulator.phone import Group
from wakit.ids import JID

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    """Return a linked business for the whole file."""
    with linked(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture
def group(shop: Linked) -> Group:
    """Return a new group of everybody, made by a customer."""
    return shop.ana.create_group("Vecinos", [shop.business, shop.beto])


def test_group_text_reaches_everybody(shop: Linked, group: Group) -> None:
    """What a customer, the library or the business's phone writes to a group reaches all others, in that group."""
    event = shop.arrived(shop.ana.send(group, "¿quién pide?"))
    assert (group.jid.user, True) == (event["Info"]["MessageSource"]["Chat"]["User"], event["Info"]["MessageSource"]["IsGroup"])
    shop.library_sends(group.jid, "nosotros llevamos")
    own = shop.arrived(shop.business.send(group, "a las seis"))
    assert own["Info"]["MessageSource"]["IsFromMe"]
    for text, author in (("nosotros llevamos", shop.device), ("a las seis", shop.business.jid)):
        for reader in (shop.ana, shop.beto):
            received = reader.wait_for(text=text)
            assert (group.jid, author) == (received.chat, received.sender)
    assert shop.business.wait_for(text="nosotros llevamos").from_me


def test_group_key_is_handed_over_once(shop: Linked, group: Group) -> None:
    """From the second message on a phone sends one ciphertext for all, and everybody still reads it."""
    for text in ("uno", "dos"):
        shop.arrived(shop.ana.send(group, text))
        shop.beto.wait_for(lambda one, text=text: (one.text, one.chat) == (text, group.jid))
    sent = shop.network.trace.select("message", who=str(shop.ana.jid), to=str(group.jid), type="text")
    assert [True, False] == [node.child("participants") is not None for node in sent[-2:]]


def test_group_removed_member_reads_nothing_more(shop: Linked, group: Group) -> None:
    """Who was removed does not read what follows, and does again once added."""
    shop.ana.send(group, "todos leen")
    shop.beto.wait_for(lambda one: (one.text, one.chat) == ("todos leen", group.jid))
    shop.ana.group_remove(group, shop.beto)
    shop.arrived(shop.ana.send(group, "sin beto"))
    shop.ana.group_add(group, shop.beto)
    shop.arrived(shop.ana.send(group, "con beto"))
    shop.beto.wait_for(lambda one: (one.text, one.chat) == ("con beto", group.jid))
    assert "sin beto" not in [one.text for one in shop.beto.inbox if one.chat == group.jid]


def test_group_administration_is_seen_by_all(shop: Linked, group: Group) -> None:
    """Subject and admins change for everybody, the library included."""
    shop.ana.group_rename(group, "Edificio Los Pinos")
    shop.ana.group_promote(group, shop.business)
    known = shop.beto.group(group)
    assert ("Edificio Los Pinos", {shop.ana.jid, shop.business.jid}) == (known.subject, set(known.admins))
    seen = shop.client.call("get_group_info", {"jid": str(group.jid)})
    assert "Edificio Los Pinos" == seen["GroupName"]["Name"]
    shop.ana.group_demote(group, shop.business)
    assert (shop.ana.jid,) == shop.beto.group(group).admins


def test_group_made_by_the_library_works(shop: Linked) -> None:
    """A group that the library creates carries messages both ways."""
    made = shop.client.call("create_group", "Pedidos", [{"jid": str(shop.ana.jid)}, {"jid": str(shop.beto.jid)}])
    group = JID(made["JID"]["User"], "g.us")
    shop.library_sends(group, "bienvenidos")
    assert group == shop.ana.wait_for(text="bienvenidos").chat
    shop.arrived(shop.beto.send(group, "gracias"))


def test_group_reaction_and_reply_name_the_author(shop: Linked, group: Group) -> None:
    """In a group a reaction and a reply say whose message they are about."""
    shop.library_sends(group.jid, "hay pandebono")
    first = shop.ana.wait_for(lambda one: (one.text, one.chat) == ("hay pandebono", group.jid))
    key = shop.arrived(shop.ana.react(group, first.id, "😋"))["Message"]["reactionMessage"]["key"]
    assert (first.id, str(shop.business.lid)) == (key["ID"], key["participant"])
    context = shop.arrived(shop.ana.reply(group, first.id, "¿cuántos?"))["Message"]["extendedTextMessage"]["contextInfo"]
    assert (first.id, str(shop.business.lid)) == (context["stanzaID"], context["participant"])


def test_group_left_by_a_phone_goes_on_without_it(shop: Linked, group: Group) -> None:
    """Who leaves is no longer a member, and nothing more is written for it."""
    shop.beto.group_leave(group)
    shop.arrived(shop.ana.send(group, "se fue"))
    assert {shop.ana.jid, shop.business.jid} == set(shop.ana.group(group).members)
