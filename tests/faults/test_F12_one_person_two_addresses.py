"""F12: one person under a phone number and a LID, with a pairing that comes late or changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored import ANA, ANA_LID, GROUP, LUIS, at, edited, entries, got, opened, reacted, revoked, said, table

from wakit.model import Contact, ReceiptState, Record
from wakit.paths import Workspace
from wakit.store import Store

pytestmark = pytest.mark.faults

PAIR = Contact(account="default", jid=ANA_LID, phone="+573001234567", lid=ANA_LID)
NEW_NUMBER = "573005550000@s.whatsapp.net"
OTHER_LID = "202222222222222@lid"


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def test_F12_chat_under_both_addresses_is_one_after_the_pairing(store: Store) -> None:
    """Two halves become one chat; every message is there, under the number."""
    store.drain("default", entries([said("M1", push_name="Ana"), said("M2", chat=ANA_LID)]))
    assert 2 == store.chats().num_rows
    store.drain("default", entries([PAIR], first=3))
    (chat,) = store.chats().to_pylist()
    assert (ANA, "Ana", 2) == (chat["chat"], chat["name"], chat["messages"])
    assert ["M1", "M2"] == sorted(store.messages(chat=ANA_LID)["message_id"].to_pylist())
    assert 1 == store.contacts().num_rows


@pytest.mark.parametrize("times", [1, 3])
def test_F12_pairing_is_idempotent(store: Store, times: int) -> None:
    """Hearing it again changes nothing."""
    store.drain("default", entries([said("M1"), said("M2", chat=ANA_LID), *[PAIR] * times]))
    assert [(2, 1)] == table(store, "SELECT count(*), count(DISTINCT chat) FROM messages")
    assert [(1,)] == table(store, "SELECT count(*) FROM core.alias")


def test_F12_same_message_under_both_addresses_is_one_after_the_pairing(store: Store) -> None:
    """History says the number, live said the LID: one message, one reaction, one receipt."""
    by_lid = [
        said("M1", "hola", chat=ANA_LID),
        reacted("M1", "👍", chat=ANA_LID),
        got(ReceiptState.READ, chat=ANA_LID, recipient=ANA_LID),
    ]
    by_number = [said("M1", "hola"), reacted("M1", "👍"), got(ReceiptState.READ)]
    store.drain("default", entries([*by_lid, *by_number]))
    assert 2 == store.messages().num_rows
    store.drain("default", entries([PAIR], first=7))
    assert [(1, 1, 1)] == table(
        store, "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM changes), (SELECT count(*) FROM receipts)"
    )


def test_F12_duplicate_after_the_pairing_is_found_at_once(store: Store) -> None:
    """Once the pairing is known, the other address is no way in."""
    store.drain("default", entries([said("M1", chat=ANA_LID, sender_alt=ANA), said("M1")]))
    assert 1 == store.messages().num_rows


def test_F12_sender_in_a_group_is_one_person(store: Store) -> None:
    """A member's edit under the LID is of the message under the number."""
    group = [said("M1", "hola", chat=GROUP, sender=ANA), edited("M1", "hola!", chat=GROUP, sender=ANA_LID)]
    store.drain("default", entries([*group, PAIR]))
    assert [("hola!", ANA)] == table(store, "SELECT text, sender FROM messages")


def test_F12_lid_is_never_shown_as_a_number(store: Store) -> None:
    """Without a pairing there is no phone and no name."""
    store.drain("default", entries([said("M1", chat=ANA_LID)]))
    (contact,) = store.contacts().to_pylist()
    assert (ANA_LID, None, None) == (contact["jid"], contact["phone"], contact["name"])


def test_F12_two_people_of_one_lid_number_are_kept_apart_by_account(store: Store) -> None:
    """A pairing that one account learned says nothing in another, which may be on another network."""
    store.drain("default", entries([said("M1", chat=ANA_LID, sender_alt=ANA)]))
    store.drain("other", entries([said("M1", chat=ANA_LID, account="other")]))
    assert [("default", ANA), ("other", ANA_LID)] == table(store, "SELECT account, chat FROM messages ORDER BY 1")


def test_F12_person_with_a_new_number_stays_one_person(store: Store) -> None:
    """The LID stays; the newest number is shown."""
    old, new = said("M1", chat=ANA_LID, sender_alt=ANA), said("M2", chat=ANA_LID, sender_alt=NEW_NUMBER, ts=at(9))
    store.drain("default", entries([new, old, said("M3", chat=NEW_NUMBER), said("M4")]))
    assert [(NEW_NUMBER, 4)] == table(store, "SELECT chat, messages FROM conversations")


def test_F12_number_with_a_new_owner_follows_the_newest_pairing(store: Store) -> None:
    """A number that was given to somebody else is theirs from then on; nothing of either is lost."""
    before = [said("M1", chat=ANA_LID, sender_alt=ANA, push_name="Ana"), said("M2")]
    after = said("M3", chat=OTHER_LID, sender_alt=ANA, push_name="Otro", ts=at(9))
    store.drain("default", entries([*before, after, said("M4", ts=at(10))]))
    rows = {row["message_id"]: (row["chat"], row["chat_name"]) for row in store.messages().to_pylist()}
    assert {"M1", "M2", "M3", "M4"} == set(rows)
    assert (ANA_LID, "Ana") == rows["M1"]
    assert (ANA, "Otro") == rows["M3"] == rows["M4"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5215512345678", "525512345678"),
        ("5491123456789", "541123456789"),
        ("5511987654321", "551187654321"),
    ],
)
def test_F12_two_spellings_of_a_mobile_number_are_one_person(store: Store, one: str, other: str) -> None:
    """Mexico, Argentina and Brazil write a mobile number in two ways."""
    chats = [f"{digits}@s.whatsapp.net" for digits in (one, other)]
    store.drain("default", entries([said("M1", chat=chats[0]), said("M2", chat=chats[1]), said("M1", chat=chats[1])]))
    assert [(chats[0], 2)] == table(store, "SELECT chat, messages FROM conversations")


@pytest.mark.parametrize("asked", ["+52 1 55 1234 5678", "+52 55 1234 5678", "5215512345678@s.whatsapp.net"])
@pytest.mark.parametrize("stored", ["5215512345678", "525512345678"])
def test_F12_either_spelling_finds_the_chat(store: Store, stored: str, asked: str) -> None:
    """Whichever spelling WhatsApp used and whichever is asked for."""
    store.drain("default", entries([said("M1", chat=f"{stored}@s.whatsapp.net"), said("M2", chat=ANA)]))
    assert store.messages(chat=asked)["message_id"].to_pylist() == ["M1"]


def test_F12_every_address_of_a_person_is_listed(store: Store) -> None:
    """The phone in both spellings and the LID are aliases of one contact."""
    old, new = "5215512345678@s.whatsapp.net", "525512345678@s.whatsapp.net"
    store.drain("default", entries([said("M1", chat=old), said("M2", chat=new), said("M3", chat=ANA_LID, sender_alt=new)]))
    found = table(store, "SELECT address, kind::VARCHAR FROM contact_addresses ORDER BY address")
    assert found == [(ANA_LID, "lid"), (old, "phone"), (new, "phone")]
    assert table(store, "SELECT DISTINCT jid, phone FROM contact_addresses JOIN contacts USING (account, jid)") == [
        (new, "+525512345678")
    ]


def test_F12_people_are_known_again_after_reopening(workspace: Workspace) -> None:
    """A pairing is kept, with the time it was seen."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", chat=ANA_LID, sender_alt=NEW_NUMBER, ts=at(9), push_name="Ana")]))
    with opened(workspace) as store:
        store.drain("default", entries([said("M2", chat=ANA_LID, sender_alt=ANA, ts=at(1)), said("M3")], first=2))
        assert [(NEW_NUMBER, "Ana", 3)] == table(store, "SELECT chat, name, messages FROM conversations")


STORY: list[Record] = [
    said("M1", "uno", ts=at(1)),
    said("M1", "uno", chat=ANA_LID, ts=at(1)),
    said("M2", "dos", chat=ANA_LID, ts=at(2)),
    edited("M2", "dos!", ts=at(3)),
    revoked("M1", chat=ANA_LID, ts=at(4)),
    reacted("M2", "👍", ts=at(5)),
    reacted("M2", "❤️", chat=ANA_LID, ts=at(6)),
    got(ReceiptState.READ, "O1", ts=at(7)),
    got(ReceiptState.READ, "O1", chat=ANA_LID, recipient=ANA_LID, ts=at(7)),
    said("O1", "nuestra", from_me=True, ts=at(0)),
    said("O1", "nuestra", chat=ANA_LID, from_me=True, sender="99@lid", ts=at(0)),
    said("M3", "tres", chat=LUIS, ts=at(8)),
    PAIR,
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(STORY), cuts=st.lists(st.integers(0, len(STORY)), max_size=3))
def test_F12_any_order_and_any_batches_end_in_one_chat(store: Store, order: list[Record], cuts: list[int]) -> None:
    """Wherever the pairing comes, each message, change and receipt is there once, in one chat."""
    account = f"a{store.accounts().num_rows}"
    found = entries(one.with_(account=account) for one in order)
    for end in [*sorted(cuts), len(found)]:
        store.drain(account, found[:end])
    rows = table(
        store,
        "SELECT message_id, chat, text, edited_at, revoked_at FROM messages WHERE account = ? ORDER BY message_id",
        [account],
    )
    assert [
        ("M1", ANA, "uno", None, at(4)),
        ("M2", ANA, "dos!", at(3), None),
        ("M3", LUIS, "tres", None, None),
        ("O1", ANA, "nuestra", None, None),
    ] == rows
    assert [("M2", "❤️")] == table(store, "SELECT message_id, reaction FROM reactions WHERE account = ?", [account])
    assert [("O1", ANA)] == table(store, "SELECT message_id, recipient FROM receipts WHERE account = ?", [account])
