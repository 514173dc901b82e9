"""What is written into the store comes out as people ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from stored import ANA, GROUP, LUIS, ME, START, at, edited, entries, got, opened, reacted, revoked, said, table

from wakit.errors import InvalidPhoneNumber, UnknownChat
from wakit.model import Chat, Contact, MessageType, Purpose, Raw, ReceiptState, Send, SendState, Source
from wakit.paths import Workspace
from wakit.store import Store


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store."""
    with opened(workspace) as store:
        yield store


def test_message_has_the_columns_that_people_ask_for(store: Store) -> None:
    """The names are a promise to every notebook."""
    promised = "account chat chat_name sender sender_name message_id ts from_me type text quoted_id edited_at revoked_at source"
    assert set(promised.split()) <= set(store.messages().schema.names)


def test_message_comes_back_as_it_was(store: Store) -> None:
    """Text, time, type and people survive."""
    message = said(text="¿Cuánto vale?\x00 ñandú \N{FAMILY}", push_name="Ana", target_id="M0", mentions=(LUIS,), forwarded=True)
    store.drain("default", entries([message]))
    (row,) = store.messages().to_pylist()
    assert (message.text, START, "text", ANA, "Ana", "M0", "live") == (
        row["text"],
        row["ts"],
        row["type"],
        row["chat"],
        row["sender_name"],
        row["quoted_id"],
        row["source"],
    )
    assert ([LUIS], True, False) == (row["mentions"], row["forwarded"], row["from_me"])


def test_every_type_and_source_is_stored(store: Store) -> None:
    """No member of the model's enums is unknown to the tables."""
    types = [said(f"T{n}", type=kind) for n, kind in enumerate(MessageType)]
    sources = [said(f"S{n}", source=source) for n, source in enumerate(Source)]
    receipts = [got(state, "T0") for state in ReceiptState]
    sends = [Send(id=state, account="default", to=ANA, state=state, created_at=START, updated_at=START) for state in SendState]
    store.drain("default", entries([*types, *sources, *receipts, *sends]))
    shown = len(store.messages()) + table(store, "SELECT count(*) FROM changes")[0][0]
    assert len(types) + len(sources) == shown
    assert [len(receipts), len(sends)] == [store.receipts().num_rows, len(table(store, "FROM sends"))]


def test_newest_messages_are_chosen_and_come_oldest_first(store: Store) -> None:
    """A limit keeps the end of the conversation."""
    store.drain("default", entries(said(f"M{n}", ts=at(n)) for n in range(10)))
    assert ["M7", "M8", "M9"] == store.messages(limit=3)["message_id"].to_pylist()


def test_time_bounds_include_the_start_and_exclude_the_end(store: Store) -> None:
    """Neighbouring days share no message."""
    store.drain("default", entries(said(f"M{n}", ts=at(n)) for n in range(5)))
    assert ["M1", "M2"] == store.messages(since=at(1), until=at(3))["message_id"].to_pylist()


@pytest.mark.parametrize("spelling", [ANA, "+57 300 123 4567", "573001234567"])
def test_chat_is_found_by_any_spelling(store: Store, spelling: str) -> None:
    """A phone number is as good as a JID."""
    store.drain("default", entries([said("M1"), said("M2", chat=LUIS)]))
    assert ["M1"] == store.messages(chat=spelling)["message_id"].to_pylist()


def test_malformed_chat_is_named(store: Store) -> None:
    """The error says what was given."""
    with pytest.raises(InvalidPhoneNumber, match="12"):
        store.messages(chat="12")


def test_account_without_events_has_no_messages_and_unknown_chat_is_an_error(store: Store) -> None:
    """An account may be linked before anything comes; a chat that was never seen is more likely a typing error."""
    store.drain("default", entries([said()]))
    assert 0 == store.messages(account="other").num_rows
    with pytest.raises(UnknownChat, match=r"wa\.chats\(\)"):
        store.messages(chat=LUIS)


def test_accounts_are_kept_apart(store: Store) -> None:
    """The same message in two accounts is two messages."""
    store.drain("default", entries([said(push_name="Ana")]))
    store.drain("other", entries([said(account="other", text="adiós")]))
    assert ["adiós"] == store.messages(account="other")["text"].to_pylist()
    assert 2 == store.messages().num_rows
    assert ["Ana", "+573001234567"] == [row["name"] for row in sorted(store.chats().to_pylist(), key=lambda row: row["account"])]


def test_edit_shows_the_new_text_and_when(store: Store) -> None:
    """The newest text is what people read."""
    store.drain("default", entries([said("M1", "hola"), edited("M1", "hola!", ts=at(5))]))
    (row,) = store.messages().to_pylist()
    assert ("hola!", at(5)) == (row["text"], row["edited_at"])


def test_edit_by_somebody_else_changes_nothing(store: Store) -> None:
    """Only who wrote a message can edit it, whatever a modified client sends."""
    written = said("M1", "hola", chat=GROUP, sender=ANA)
    store.drain("default", entries([written, edited("M1", "mentira", chat=GROUP, sender=LUIS)]))
    assert ["hola"] == store.messages()["text"].to_pylist()


def test_edit_in_another_chat_changes_nothing(store: Store) -> None:
    """Message ids are only unique within a chat."""
    store.drain("default", entries([said("M1", "hola"), edited("M1", "otro", chat=LUIS)]))
    assert ["hola"] == store.messages()["text"].to_pylist()


def test_own_edit_from_another_own_address_is_ours(store: Store) -> None:
    """The account is one person under its number and its LID."""
    mine = said("M1", "hola", from_me=True, sender=ME)
    store.drain("default", entries([mine, edited("M1", "hola!", from_me=True, sender="99@lid")]))
    assert ["hola!"] == store.messages()["text"].to_pylist()


def test_revoked_message_keeps_its_text(store: Store) -> None:
    """A tombstone is a time, not a loss."""
    store.drain("default", entries([said("M1", "hola"), revoked("M1", ts=at(9))]))
    (row,) = store.messages().to_pylist()
    assert ("hola", at(9)) == (row["text"], row["revoked_at"])


@pytest.mark.parametrize(("author", "from_me"), [(ANA, False), (ME, True)])
def test_group_admin_can_revoke_for_others(store: Store, author: str, from_me: bool) -> None:
    """In a group the revoke names the author; ours may be meant as well."""
    written = said("M1", chat=GROUP, sender=author, from_me=from_me)
    other = said("M2", chat=GROUP, sender=ME, from_me=True)
    store.drain("default", entries([other, written, revoked("M1", chat=GROUP, sender=LUIS, target_sender=author)]))
    assert 1 == len(table(store, "FROM messages WHERE revoked_at IS NOT NULL AND message_id = 'M1'"))


def test_nobody_else_can_revoke_in_a_private_chat(store: Store) -> None:
    """The other side cannot take back what we wrote."""
    mine = said("M1", from_me=True)
    store.drain("default", entries([mine, revoked("M1", target_sender=ME)]))
    assert [None] == store.messages()["revoked_at"].to_pylist()


def test_reaction_is_the_last_one_and_can_be_taken_back(store: Store) -> None:
    """One reaction a person; an empty one removes it."""
    one = [reacted("M1", "👍", ts=at(1)), reacted("M1", "❤️", ts=at(2))]
    gone = [reacted("M2", "👍", ts=at(1)), reacted("M2", "", ts=at(2))]
    store.drain("default", entries([said("M1"), *one, *gone]))
    assert [("M1", "❤️")] == table(store, "SELECT message_id, reaction FROM reactions")


def test_placeholder_gives_way_to_the_message(store: Store) -> None:
    """A message that a retry brought takes the place of the one that could not be read."""
    store.drain("default", entries([said("M1", None, type=MessageType.UNDECRYPTABLE)]))
    assert ["undecryptable"] == store.messages()["type"].to_pylist()
    store.drain("default", entries([said("M1", "hola")], first=2))
    assert [("text", "hola")] == table(store, "SELECT type, text FROM messages")


@pytest.mark.parametrize("together", [True, False])
def test_placeholder_after_the_message_is_dropped(store: Store, together: bool) -> None:
    """What is there already needs no placeholder, in one batch or two."""
    found = entries([said("M1", "hola"), said("M1", None, type=MessageType.UNDECRYPTABLE)])
    for batch in [found] if together else [found[:1], found[1:]]:
        store.drain("default", batch)
    assert [("text", "hola")] == table(store, "SELECT type, text FROM messages")


def test_group_has_its_subject_and_its_senders(store: Store) -> None:
    """A group is a chat with a name of its own."""
    group = Chat(account="default", chat=GROUP, name="Pedidos", is_group=True)
    store.drain("default", entries([group, said("M1", chat=GROUP, sender=ANA, push_name="Ana")]))
    (row,) = store.messages().to_pylist()
    assert ("Pedidos", GROUP, "Ana", ANA, True) == (
        row["chat_name"],
        row["chat"],
        row["sender_name"],
        row["sender"],
        row["is_group"],
    )


def test_chat_without_messages_is_listed(store: Store) -> None:
    """A group that was only joined is a conversation."""
    store.drain("default", entries([Chat(account="default", chat=GROUP, name="Pedidos", is_group=True)]))
    (row,) = store.chats().to_pylist()
    assert ("Pedidos", 0, True, None) == (row["name"], row["messages"], row["is_group"], row["last_ts"])


def test_chats_count_their_messages(store: Store) -> None:
    """Both directions count; received ones are told apart."""
    store.drain("default", entries([said("M1"), said("M2", from_me=True, ts=at(4)), said("M3", chat=LUIS)]))
    rows = {row["chat"]: row for row in store.chats().to_pylist()}
    assert (2, 1, at(4)) == (rows[ANA]["messages"], rows[ANA]["received"], rows[ANA]["last_ts"])


def test_activity_counts_days_in_the_time_zone_of_the_account(workspace: Workspace) -> None:
    """A message of 23:30 in Bogotá belongs to that day, not to the next one in UTC."""
    late = START.replace(hour=4, minute=30) + timedelta(days=1)
    with opened(workspace, timezone="America/Bogota") as store:
        store.drain("default", entries([said("M1", ts=late)]))
        assert [("2026-11-24", 1, 0)] == table(store, "SELECT day::VARCHAR, received, sent FROM chat_activity")


def test_contact_is_named_by_what_they_call_themselves(store: Store) -> None:
    """The newest push name wins, in any order of arrival."""
    new, old = said("M1", push_name="Ana María", ts=at(9)), said("M2", push_name="Anita", ts=at(1))
    store.drain("default", entries([new, old]))
    (row,) = store.contacts().to_pylist()
    assert ("Ana María", "+573001234567", ANA) == (row["name"], row["phone"], row["jid"])


def test_contact_without_a_name_is_a_number(store: Store) -> None:
    """There is always something to show for a phone."""
    store.drain("default", entries([Contact(account="default", jid=ANA)]))
    assert ["+573001234567"] == store.contacts()["name"].to_pylist()


def test_send_shows_its_last_state(store: Store) -> None:
    """Each change is a row; the view shows how far it got."""
    states = [SendState.QUEUED, SendState.SENDING, SendState.SENT]
    sends = [
        Send(
            id="s1",
            account="default",
            to=ANA,
            state=state,
            created_at=START,
            updated_at=at(n),
            type=MessageType.IMAGE,
            message_id="M1" if n == 2 else None,
            decided_by="Ana" if n == 2 else None,
            decided_at=at(n) if n == 2 else None,
        )
        for n, state in enumerate(states)
    ]
    store.drain("default", entries(sends))
    assert [("sent", "M1", ANA, "image", "Ana")] == table(
        store, "SELECT state, message_id, recipient, type, decided_by FROM sends WHERE decided_at = updated_at"
    )


def test_send_shows_its_terms_and_what_holds_it_back_now(store: Store) -> None:
    """Why it waits is that of its last state; what it was for stays."""
    send = Send(id="s1", account="default", to=ANA, state=SendState.QUEUED, created_at=START, updated_at=at(0))
    send = send.with_(purpose=Purpose.MARKETING, priority=2, not_after=at(50), campaign="c1")
    query = "SELECT purpose, priority, campaign, not_after = ?, not_before = ?, waiting_for FROM sends"
    store.drain("default", entries([send.with_(not_before=at(9), waiting_for="Quiet hours.")]))
    assert [("marketing", 2, "c1", True, True, "Quiet hours.")] == table(store, query, [at(50), at(9)])
    store.drain("default", entries([send.with_(state=SendState.SENDING)], first=2))
    assert [("marketing", 2, "c1", True, None, None)] == table(store, query, [at(50), at(9)])


def test_raw_event_is_kept_as_json(store: Store) -> None:
    """What has no table of its own can still be asked for."""
    store.drain("default", entries([Raw(account="default", name="Picture", ts=START, fields={"id": "ñ", "n": [1]})]))
    assert [("Picture", "ñ")] == table(store, "SELECT name, fields->>'id' FROM core.raw")


def test_message_of_an_unknown_own_address_is_ours(store: Store) -> None:
    """A history sync that does not say who we are loses nothing."""
    store.drain("default", entries([said("M1", from_me=True, sender="")]))
    assert [(True, "M1")] == table(store, "SELECT from_me, message_id FROM messages")


def test_long_entry_is_moved_in_parts(workspace: Workspace) -> None:
    """A history sync of many batches arrives whole."""
    with opened(workspace, drain_batch=7) as store:
        assert 1 == store.drain("default", entries([[said(f"M{n}", source=Source.HISTORY) for n in range(100)]]))
        assert 100 == store.messages().num_rows


def test_entry_without_records_moves_the_watermark(store: Store) -> None:
    """Nothing to store is also done."""
    assert 3 == store.drain("default", entries([[], [], []]))
    assert 3 == store.watermark("default")


def test_entries_below_the_watermark_are_skipped(store: Store) -> None:
    """Giving an entry again does no harm."""
    found = entries([said("M1"), Raw(account="default", name="X", ts=START)])
    store.drain("default", found)
    store.drain("default", found)
    assert [1, 1] == [store.messages().num_rows, len(table(store, "FROM core.raw"))]


def test_watermark_of_an_unknown_account_is_zero(store: Store) -> None:
    """A first journal starts at its beginning, and asking leaves no trace."""
    assert 0 == store.watermark("other")
    assert 0 == store.accounts().num_rows


def test_everything_is_there_after_reopening(workspace: Workspace) -> None:
    """What was committed is there for the next host, and ids go on where they ended."""
    with opened(workspace) as store:
        store.drain("default", entries([said("M1", push_name="Ana")]))
    with opened(workspace) as store:
        store.drain("default", entries([said("M2", chat=LUIS), said("M3")], first=2))
        assert [("M1", "Ana"), ("M3", "Ana")] == table(
            store, "SELECT message_id, chat_name FROM messages WHERE chat = ? ORDER BY 1", [ANA]
        )
        assert 3 == store.watermark("default")
