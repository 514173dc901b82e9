"""From an emulated phone through the real library into tables: poll votes, members of groups, messages that came by a retry."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from driven_session import Driven, poll
from stored import table

from wakit.config import Settings
from wakit.emulator import Network
from wakit.emulator.phone import Phone
from wakit.model import PollVote
from wakit.paths import Workspace
from wakit.session.entries import Entry, EventCode
from wakit.session.events import meaning
from wakit.store import Decoded, Store

pytestmark = pytest.mark.network

BUSINESS, CUSTOMER = "+57 300 123 4567", "+57 300 987 6543"
OPTIONS = ["lunes", "martes", "¡ningún día! 🤔"]


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture(scope="module")
def business(net: Network) -> Phone:
    return net.phone(BUSINESS, name="Café Andino")


@pytest.fixture(scope="module")
def customer(net: Network) -> Phone:
    return net.phone(CUSTOMER, name="Clienta")


@pytest.fixture
def ana(workspace: Workspace, net: Network, business: Phone) -> Iterator[Driven]:
    with Driven(workspace, network=net) as driven:
        yield driven.link(business)


def stored(ana: Driven, query: str) -> list[tuple[Any, ...]]:
    """Move everything that the journal has into the store, and ask it."""
    with Store(ana.workspace, Settings()) as store:
        store.drain("ana", [Decoded(seq=one.seq, at=one.at, records=meaning("ana", one)) for one in ana.entries()])
        return table(store, query)


def votes(ana: Driven) -> list[tuple[Any, ...]]:
    return stored(ana, "SELECT question, voter_name, options, readable, error FROM poll_votes ORDER BY ts, voter_name")


def test_poll_vote_is_decrypted_by_the_library(ana: Driven, business: Phone, customer: Phone) -> None:
    """Votes in a poll of the phone and in one of the customer, changed ones and those taken back, name their options."""
    asked = business.poll(customer, "¿Cuándo?", OPTIONS)
    customer.wait_for(text="¿Cuándo?")
    customer.vote(business, asked, OPTIONS[:1])
    customer.vote(business, asked, OPTIONS[2:])
    other = customer.poll(business, "¿Cuáles?", OPTIONS, choices=3)
    business.wait_for(text="¿Cuáles?")
    business.vote(customer, other, OPTIONS)
    poll(lambda: len(ana.records(PollVote)) == 3, told=lambda: str(ana.log()))
    assert [vote[::2] for vote in votes(ana) if vote[0] == "¿Cuándo?"] == [("¿Cuándo?", OPTIONS[2:], None)]
    assert [vote[2:] for vote in votes(ana) if vote[0] == "¿Cuáles?"] == [(OPTIONS, True, None)]
    results = stored(ana, "SELECT option, votes FROM poll_results WHERE question = '¿Cuándo?' ORDER BY place")
    assert results == [("lunes", 0), ("martes", 0), (OPTIONS[2], 1)]


def test_vote_of_a_poll_that_was_never_seen_says_so(workspace: Workspace, net: Network, business: Phone, customer: Phone) -> None:
    """Without the poll's secret nobody can read a vote: it is kept, with the library's reason."""
    asked = business.poll(customer, "¿Antes?", OPTIONS)
    customer.wait_for(text="¿Antes?")
    with Driven(workspace, network=net) as ana:
        ana.link(business)
        customer.vote(business, asked, OPTIONS[:1])
        (vote,) = poll(lambda: [one for one in ana.records(PollVote) if one.error or one.chosen])
        if vote.error:  # the history may have brought the poll by then
            ((_, name, options, readable, error),) = votes(ana)
            assert (name, options, readable) == ("Clienta", None, False)
            assert error == vote.error
        else:
            assert [options for _, _, options, *_ in votes(ana)] == [OPTIONS[:1]]


def test_vote_that_a_killed_worker_left_is_read_by_the_next(ana: Driven, business: Phone, customer: Phone) -> None:
    """The reading of a vote is an entry behind it; where it is missing, the next worker makes it."""
    asked = business.poll(customer, "¿Y ahora?", OPTIONS)
    customer.wait_for(text="¿Y ahora?")
    customer.vote(business, asked, OPTIONS[1:2])
    poll(lambda: ana.records(PollVote))
    ana.stop()
    journal = ana.workspace.journal_dir("ana") / "journal.db"
    with closing(sqlite3.connect(journal)) as database, database:
        assert database.execute("DELETE FROM event WHERE code = ?", (int(EventCode.VOTE),)).rowcount == 1
    assert ana.records(PollVote) == []
    ana.start()
    ana.until("connected")
    poll(lambda: ana.records(PollVote))
    assert [options for _, _, options, *_ in votes(ana)] == [OPTIONS[1:2]]
    pid = ana.session.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    ana.until("reconnecting")
    ana.until("connected")
    customer.vote(business, asked, OPTIONS[:1])
    poll(lambda: len(ana.records(PollVote)) == 2)
    assert [options for _, _, options, *_ in votes(ana)] == [OPTIONS[:1]]


def test_members_of_a_group_are_known_over_time(ana: Driven, net: Network, customer: Phone) -> None:
    """From the list when the group is joined on: who came (only their LID is told), went, and became administrator."""
    luis, marta = net.phone("+57 301 111 2222", name="Luis"), net.phone("+57 302 111 3333", name="Marta")
    group = customer.create_group("Pedidos", [BUSINESS, luis])
    customer.group_add(group, marta)
    customer.group_promote(group, luis)
    customer.group_remove(group, marta)
    customer.group_rename(group, "Pedidos 2027")
    customer.send(group, "listo")
    ana.await_texts(["listo"])
    members = stored(
        ana,
        f"SELECT member, chat_name, is_admin, until IS NOT NULL, since_exact FROM group_members "
        f"WHERE chat = '{group.jid}' ORDER BY member",
    )
    found = {member: rest for member, *rest in members}
    assert len(found) == 4
    assert found[f"{luis.number.digits}@s.whatsapp.net"] == ["Pedidos 2027", True, False, False]
    assert found[str(marta.lid)] == ["Pedidos 2027", False, True, True]
    kinds = stored(ana, "SELECT DISTINCT kind::VARCHAR AS kind FROM group_changes ORDER BY kind")
    assert {kind for (kind,) in kinds} >= {"join", "promote", "leave", "subject"}


def test_members_of_groups_from_before_linking_are_known_once(workspace: Workspace, net: Network, customer: Phone) -> None:
    """The worker asks for the lists behind connecting; a restart adds none, and one behind changes has the news."""
    shop, luis = net.phone("+57 305 555 1111", name="Tienda"), net.phone("+57 305 555 2222", name="Luis")
    group = customer.create_group("Proveedores", [shop])
    current = f"SELECT member FROM group_members WHERE chat = '{group.jid}' AND until IS NULL"
    with Driven(workspace, network=net) as ana:
        ana.link(shop)
        poll(lambda: len(lists(ana)) == 1)
        assert len(stored(ana, current)) == 2
        told = f"SELECT DISTINCT kind FROM group_changes WHERE chat = '{group.jid}' AND source = 'live'"
        assert {("admin",), ("member",)} <= set(stored(ana, told))
        ana.stop()
        customer.group_add(group, luis)
        ana.start()
        ana.until("connected")
        poll(lambda: len(lists(ana)) == 2)
        assert len(stored(ana, current)) == 3


def lists(ana: Driven) -> list[Entry]:
    """Return the entries with the lists of all groups."""
    return [one for one in ana.entries() if one.code == EventCode.GROUPS]


def test_message_that_came_by_a_retry_takes_the_place_of_its_placeholder(ana: Driven, customer: Phone) -> None:
    """What could not be decrypted has a place until the sender sends it again; then there is only the message."""
    customer.send(BUSINESS, "antes")
    ana.await_texts(["antes"])
    ana.stop()
    session = ana.workspace.session_db("ana")
    with closing(sqlite3.connect(session, timeout=10)) as database, database:
        database.execute("DELETE FROM whatsmeow_sessions")
    customer.send(BUSINESS, "¿siguen ahí?")
    ana.start()
    ana.until("connected")
    ana.await_texts(["antes", "¿siguen ahí?"])
    assert ana.entries(44)
    query = "SELECT type::VARCHAR, text FROM messages ORDER BY ts"
    assert stored(ana, query) == [("text", "antes"), ("text", "¿siguen ahí?")]
