"""What reports read is what the messages say, in whatever order and pieces those came."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import pytest
from exports import write
from stored import ANA, ANA_LID, GROUP, LUIS, START, at, edited, entries, opened, revoked, said, table

from wakit.analytics.derived import derived
from wakit.analytics.facts import facts
from wakit.config import Settings
from wakit.errors import QueryTimeout
from wakit.importers.deliver import import_file
from wakit.model import Contact, Message, MessageType, Purpose, Record, Send, SendState, Source
from wakit.paths import Workspace
from wakit.store import Store
from wakit.store.deriving import Deriving

PEOPLE = [ANA, ANA_LID, LUIS, "573001112233@s.whatsapp.net"]
#: Seconds between messages: within one second, one turn, one conversation, and longer.
STEPS = (0, 0, 1, 40, 1799, 1800, 1801, 5000, 90_000)
#: By the name of the table, its columns and the query that makes its rows.
MADE = {name: (", ".join(one.columns), str(ibis.to_sql(one, dialect="duckdb"))) for name, one in derived(facts()).items()}
LINES = (
    "24/11/26, 10:00 - Ana: hola",
    "24/11/26, 10:01 - Luis: ¿qué tal?",
    "24/11/26, 11:30 - Ana: bien",
)


@pytest.fixture
def store(workspace: Workspace) -> Iterator[Store]:
    """Yield an empty store in the time zone of the tests."""
    with opened(workspace) as store:
        yield store


def talk(chance: random.Random, size: int = 90) -> list[Record]:
    """Return what a shop could hear, in any order: people under two addresses, groups, machines, changes and odd clocks."""
    records: list[Record] = [Contact(account="default", jid=ANA, phone=ANA.partition("@")[0], lid=ANA_LID)]
    when = 0
    for number in range(size):
        when += chance.choice(STEPS)
        chat, ours = chance.choice([*PEOPLE, GROUP]), chance.random() < 0.45
        who: dict[str, Any] = {"chat": chat, "from_me": ours}
        if chat == GROUP and not ours:
            who["sender"] = chance.choice(PEOPLE)
        kind = chance.choice([MessageType.TEXT] * 6 + [MessageType.SYSTEM, MessageType.VOICE, MessageType.UNDECRYPTABLE])
        name = f"M{number}"
        suspect = chance.random() < 0.03
        records.append(said(name, ts=at(when), type=kind, source=chance.choice([*Source]), clock_suspect=suspect, **who))
        if kind is MessageType.UNDECRYPTABLE and chance.random() < 0.7:
            records.append(said(name, "ahora sí", ts=at(when + chance.choice([0, 2000])), **who))
        if ours and chance.random() < 0.4:
            records.append(sent(name, chat))
        if chance.random() < 0.1:
            records.append(chance.choice([edited(name, "mejor", **who), revoked(name, **who)]))
    chance.shuffle(records)
    return records


def sent(message_id: str, chat: str) -> Send:
    return Send(
        id=f"S-{message_id}",
        account="default",
        to=chat,
        state=SendState.SENT,
        message_id=message_id,
        purpose=Purpose.TRANSACTIONAL,
        created_at=START,
        updated_at=START,
    )


def pieces(chance: random.Random, records: list[Record]) -> Iterator[list[Record]]:
    """Cut records into what comes at one time."""
    while records:
        size = chance.choice([1, 3, 10, 40])
        yield records[:size]
        records = records[size:]


def assert_derived(store: Store) -> None:
    """Compare each table with what its expression makes of the messages."""
    for name, (columns, query) in MADE.items():
        kept, made = (table(store, f"SELECT {columns} FROM {source}") for source in (name, f"({query})"))
        assert sorted(kept, key=repr) == sorted(made, key=repr), name
    chats = table(store, "SELECT DISTINCT account, chat, is_group FROM message_facts")
    assert sorted(table(store, "SELECT account, chat, is_group FROM fact_chats")) == sorted(chats)
    assert table(store, "SELECT 1 FROM message_turns LIMIT 1")


@pytest.mark.parametrize("seed", range(4))
def test_tables_say_what_the_messages_say_at_any_time(store: Store, seed: int) -> None:
    """Late, changed, repeated and renamed: after each piece the kept rows are those that would be made from all messages."""
    chance, number = random.Random(seed), 1
    for piece in pieces(chance, talk(chance)):
        made = entries(piece, number)
        store.drain("default", made)
        number += len(made)
        if chance.random() < 0.2:
            assert_derived(store)
    assert_derived(store)


@pytest.mark.parametrize("seed", range(2))
def test_order_of_arrival_does_not_count(workspace: Workspace, tmp_path: Path, seed: int) -> None:
    """What a rebuild compares is equal for the same records in another order, asked for in between or not."""
    chance = random.Random(seed)
    records = [one for one in talk(chance) if not isinstance(one, Message) or one.type is not MessageType.UNDECRYPTABLE]
    found = []
    for place, ask in ((workspace, True), (Workspace(tmp_path / "other").create(), False)):
        chance.shuffle(records)
        with opened(place) as store:
            for first, piece in enumerate(pieces(chance, list(records))):
                store.drain("default", entries(piece, first * 100 + 1))
                if ask:
                    table(store, "SELECT 1 FROM message_turns LIMIT 1")
            prints = store.fingerprints()
        found.append(
            {name: prints[name] for name in ("message_turns", "message_waits", "message_conversations", "message_hours")}
        )
    assert found[0] == found[1]
    assert all(one.rows for one in found[0].values())


def test_import_and_its_undoing_count(store: Store, tmp_path: Path) -> None:
    """What an import brings is in the reports, and nothing of it once it is taken back."""
    store.drain("default", entries([said("M1", ts=datetime(2026, 11, 24, 15, 2, tzinfo=UTC)), said("M2", chat=LUIS)]))
    before = table(store, "SELECT * FROM message_turns ORDER BY ALL")
    imported = import_file(store, write(tmp_path, "\n".join(LINES), "WhatsApp Chat with Ana.txt"), account="default")
    assert_derived(store)
    assert len(table(store, "SELECT * FROM message_turns")) > len(before)
    store.imports.undo(imported.id)
    assert_derived(store)
    assert table(store, "SELECT * FROM message_turns ORDER BY ALL") == before


def test_part_of_a_history_counts_once(workspace: Workspace) -> None:
    """A long entry is moved in parts; what reports read after each part is what was moved."""
    records = [said(f"H{n}", ts=at(n * 700), from_me=n % 3 == 0, source=Source.HISTORY) for n in range(40)]
    with opened(workspace, drain_batch=3) as store:
        seen = []

        def parts() -> Iterator[Message]:
            for number, record in enumerate(records):
                if number == 35:
                    seen.append(table(store, "SELECT sum(received) + sum(sent) FROM message_hours"))
                    assert_derived(store)
                yield record

        store.drain("default", entries([said("M0", chat=LUIS)]))
        (entry,) = entries([[records[0]]], 2)
        store.drain("default", [type(entry)(seq=2, at=entry.at, records=parts())])
        assert_derived(store)
        total = table(store, "SELECT sum(received) + sum(sent) FROM message_hours")
    assert seen[0] < total == [(41,)]


def test_only_rows_that_differ_are_written(store: Store) -> None:
    """One more message in a long chat touches its end and nothing before."""
    store.drain("default", entries(said(f"M{n}", ts=at(n * 4000), from_me=n % 2 == 0) for n in range(50)))
    before = dict(table(store, "SELECT started, chat FROM message_turns"))
    rows = dict(table(store, "SELECT started, rowid FROM core.turn"))
    store.drain("default", entries([said("M50", ts=at(50 * 4000))], 51))
    assert len(table(store, "SELECT 1 FROM message_turns")) == len(before) + 1
    after = dict(table(store, "SELECT started, rowid FROM core.turn"))
    assert sum(after[started] == row for started, row in rows.items()) == len(rows) - 1


def test_tables_are_made_without_being_asked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report in the morning does not wait for what came in the night."""
    monkeypatch.setattr("wakit.store.deriving.PAUSE", 0.01)
    with opened(workspace) as store:
        store.drain("default", entries([said()]))
        deadline = threading.Event()
        for _ in range(2000):
            if table(store, "SELECT count(*) FROM core.turn") == [(1,)]:
                break
            deadline.wait(0.01)
        assert table(store, "SELECT count(*) FROM core.turn") == [(1,)]


def test_query_does_not_wait_longer_than_its_time(store: Store) -> None:
    """While another one derives, a reader gives up when its own time is over, and is told what to do."""
    deriving: Deriving = store._deriving
    with deriving._lock, pytest.raises(QueryTimeout, match="ask again"):
        store.sql("SELECT count(*) FROM message_turns", seconds=0.05)
    assert table(store, "SELECT count(*) FROM message_turns") == [(0,)]


def test_tables_of_an_older_store_are_made_when_they_are_asked_for(workspace: Workspace) -> None:
    """A store from before these tables, imports included, answers like a new one."""
    with opened(workspace) as store:
        store.drain("default", entries([said(), said("M2", from_me=True, ts=at(9))]))
        answer = table(store, "SELECT * FROM message_turns")
        with store._connection.cursor() as cursor:
            for name in ("turn", "wait", "conversation", "hour", "derived", "stale"):
                cursor.execute(f"DELETE FROM core.{name}")
    with Store(workspace, Settings()) as again:
        assert table(again, "SELECT * FROM message_turns") == answer
        assert_derived(again)
