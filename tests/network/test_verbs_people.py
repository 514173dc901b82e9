"""Groups, profiles, blocking and typing: what the account does shows on the other phones, and theirs shows here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import until
from network.linked import jpeg
from network.shop import ANA, BETO, Shop, open_shop

from wakit.directory import MemberRole
from wakit.errors import InvalidInput, InvalidJID, InvalidPhoneNumber, NotAllowed, UnknownGroup

pytestmark = pytest.mark.network

NOBODY = "+57 315 000 0000"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("verbs")) as found:
        yield found


def test_groups_are_listed_with_subject_and_members(shop: Shop) -> None:
    """The group of the phone is the account's, with roles and numbers."""
    (found,) = [group for group in shop.client.groups() if group.jid == str(shop.group)]
    assert (found.account, found.subject, found.owner) == ("default", "Pedidos", str(shop.phone.jid))
    roles = {member.phone: member.role for member in found.members}
    assert roles == {
        "+573001234567": MemberRole.OWNER,
        "+573107654321": MemberRole.MEMBER,
        "+573112223344": MemberRole.MEMBER,
    }
    assert shop.client.group(found.jid) == found


def test_group_is_made_changed_and_written_in(shop: Shop) -> None:
    """Made with one person, another one added, promoted, demoted and removed; renamed; and a text reaches the members."""
    made = shop.client.create_group("Tostadora", [ANA])
    assert {member.phone for member in made.members} == {"+573001234567", "+573107654321"}

    (added,) = shop.client.add_members(made.jid, [BETO])
    assert (added.phone, added.problem) == ("+573112223344", None)
    (again,) = shop.client.add_members(made.jid, [BETO])
    assert again.problem == "this person is a member already"
    shop.client.send(made.jid, "Bienvenidos a la tostadora")
    for person in (shop.ana, shop.beto):
        person.wait_for(text="Bienvenidos a la tostadora")

    shop.client.promote_members(made.jid, [BETO])
    assert shop.beto.group(made.jid).admins == (shop.phone.jid, shop.beto.jid)
    shop.client.demote_members(made.jid, [BETO])
    assert shop.beto.group(made.jid).admins == (shop.phone.jid,)
    shop.client.rename_group(made.jid, "Tostadora ☕")
    assert shop.ana.group(made.jid).subject == "Tostadora ☕"
    shop.client.remove_members(made.jid, [BETO])
    assert shop.ana.group(made.jid).members == (shop.phone.jid, shop.ana.jid)

    shop.client.leave_group(made.jid)
    assert shop.ana.group(made.jid).members == (shop.ana.jid,)
    assert made.jid not in [group.jid for group in shop.client.groups()]


def test_invite_link_is_the_same_until_it_is_renewed(shop: Shop) -> None:
    """A new link makes the old one void."""
    first = shop.client.group_link(str(shop.group))
    assert first.startswith("https://chat.whatsapp.com/")
    assert shop.client.group_link(str(shop.group)) == first
    assert shop.client.group_link(str(shop.group), renew=True) != first


def test_group_that_is_none_or_not_ours_is_refused(shop: Shop) -> None:
    """A person is no group; a group of others is not known; only admins may have the link."""
    theirs = shop.ana.create_group("Ana y Beto", [shop.beto])
    with pytest.raises(InvalidJID, match=r"@g\.us"):
        shop.client.group(str(shop.ana.jid))
    for group in (str(theirs), "120300000000000000@g.us"):
        with pytest.raises(UnknownGroup):
            shop.client.group(group)
    shop.ana.group_add(theirs, shop.phone)
    with pytest.raises(NotAllowed):
        shop.client.group_link(str(theirs))
    with pytest.raises(InvalidInput, match="subject"):
        shop.client.create_group("", [ANA])


def test_numbers_are_checked_in_the_order_given(shop: Shop) -> None:
    """Who has WhatsApp is told with an address; who has not, without."""
    nobody, ana = shop.client.check_numbers([NOBODY, ANA])
    assert (nobody.number, nobody.on_whatsapp, nobody.jid) == ("+573150000000", False, None)
    assert (ana.number, ana.on_whatsapp) == ("+573107654321", True)
    assert ana.jid in {str(shop.ana.jid), str(shop.ana.lid)}
    with pytest.raises(InvalidPhoneNumber):
        shop.client.check_numbers(["12"])


def test_profile_of_a_customer_has_about_and_picture(shop: Shop) -> None:
    """What a customer shows is told; without a picture there is none."""
    assert shop.client.picture(BETO) is None
    face = jpeg()
    shop.ana.set_about("En la tienda")
    shop.ana.set_picture(face)
    shop.asked("soy Ana")
    found = shop.client.profile(ANA)
    assert (found.about, found.phone, found.name) == ("En la tienda", "+573107654321", "Ana")
    assert found.picture_id
    assert shop.client.picture(ANA) == face


def test_own_name_and_about_are_changed_for_everybody(shop: Shop) -> None:
    """The account's own profile is set here and seen by the customers."""
    told = shop.client.set_profile(name="Café Andino ☕", about="Tostamos los lunes")
    assert (told.name, told.about) == ("Café Andino ☕", "Tostamos los lunes")
    shop.client.send(ANA, "con otro nombre")
    shop.ana.wait_for(text="con otro nombre")
    assert shop.client.profile().about == "Tostamos los lunes"
    with pytest.raises(InvalidInput, match="nothing to change"):
        shop.client.set_profile()


def test_blocked_people_are_listed_until_they_are_unblocked(shop: Shop) -> None:
    """By number, although WhatsApp lists them by their private alias."""
    assert shop.client.blocked() == []
    assert [one.phone for one in shop.client.block(BETO)] == ["+573112223344"]
    assert [one.phone for one in shop.client.blocked()] == ["+573112223344"]
    assert shop.client.unblock(BETO) == []


def test_typing_and_read_ticks_show_on_the_customers_phone(shop: Shop) -> None:
    """The customer sees that somebody writes, and that her message was read."""
    message_id = shop.asked("¿Están abiertos?")
    shop.client.mark_read(str(shop.ana.jid), str(shop.ana.jid), [message_id])
    shop.ana.wait_receipt(message_id, "read")
    for on, state in ((True, "composing"), (False, "paused")):
        shop.client.typing(ANA, on)
        until(lambda state=state: state in {activity.state for activity in shop.ana.activities})
