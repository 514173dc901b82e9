"""
How fast the drain moves events into the store, and what is left of it when much is stored.

``python tests/benchmarks/bench_drain.py [STORED…]``, with the numbers of messages
that are there already (default: 0 and 1000000). In the same run, the way of a web
application: one upsert and one commit for each message in SQLite. The search index
follows meanwhile, as in a host. A busy second is one of the processor in the drain's own
thread: what is left of the machine for it changes from run to run.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import search_path  # noqa: F401 - makes the next ones importable
from tables import table

from wakit.config import Settings
from wakit.host.lean import collect_rarely, keep_out
from wakit.model import Message
from wakit.paths import UMASK, Workspace
from wakit.proto import neonize_pb
from wakit.session.entries import Entry
from wakit.session.events import decode
from wakit.store import Decoded, Store
from wakit.store.engine import execute
from wakit.store.keyset import Claim

EVENTS, BATCH, CHATS = 20_000, 1_000, 5_000
START = datetime(2026, 11, 24, tzinfo=UTC)
WORDS = [
    "hola",
    "buenos",
    "días",
    "quiero",
    "saber",
    "el",
    "precio",
    "de",
    "la",
    "torta",
    "por",
    "favor",
    "gracias",
    "envío",
    "sí",
]

#: Messages of the past, made by the database itself: this many, over two years.
_PAST = """
INSERT INTO core.message
SELECT
    1, 1 + i % ?, 1 + i % ?, '3EB0' || upper(md5(i::VARCHAR)[:18]),
    TIMESTAMPTZ '2024-11-24' + INTERVAL (i) SECOND, i % 3 = 0, 'text',
    'mensaje ' || i || ' de hace tiempo', NULL, NULL, NULL, FALSE, NULL, 'live', FALSE, i, 0
FROM range(1, ? + 1) AS past (i)
"""
_UPSERT = """
INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, chat, sender, message_id) DO UPDATE SET text = excluded.text
"""


def events(count: int, first: int, luck: random.Random) -> list[Entry]:
    """Return journal entries as the library's callback leaves them."""
    return [_event(seq, luck) for seq in range(first, first + count)]


def _event(seq: int, luck: random.Random) -> Entry:
    event = neonize_pb.Message()
    person = int(luck.paretovariate(0.7)) % CHATS
    source = event.Info.MessageSource
    for jid, server, user in (
        (source.Chat, "lid", "1"),
        (source.Sender, "lid", "1"),
        (source.SenderAlt, "s.whatsapp.net", "57300"),
    ):
        jid.User, jid.Server, jid.RawAgent, jid.Device, jid.Integrator, jid.IsEmpty = f"{user}{person:07}", server, 0, 0, 0, False
    source.IsFromMe, source.IsGroup = False, False
    event.Info.ID = f"3EB0{luck.randbytes(9).hex().upper()}"
    event.Info.Timestamp = int((START + timedelta(seconds=seq / 10)).timestamp() * 1000)
    event.Info.Pushname = f"Cliente {person}"
    event.Message.conversation = " ".join(luck.choices(WORDS, k=luck.randint(2, 20)))
    return Entry(seq=seq, code=17, at=START, payload=event.SerializePartialToString())


def fill(store: Store, count: int) -> None:
    """Put *count* messages and their keys into the store, as years of work would have."""
    store.drain("shop", [Decoded(seq=1, at=START, records=[_seen(n) for n in range(CHATS)])])
    execute(store._connection, _PAST, [CHATS, CHATS, count])
    for first in range(0, count, 200_000):
        store._keys.claim([Claim(os.urandom(16), 1, 0, 0) for _ in range(min(200_000, count - first))])
    execute(store._connection, "CHECKPOINT")


def _seen(person: int) -> Message:
    names = {"chat": f"1{person:07}@lid", "sender": f"1{person:07}@lid", "sender_alt": f"57300{person:07}@s.whatsapp.net"}
    return Message(account="shop", message_id=f"SEEN{person}", ts=START, text="hola", push_name=f"Cliente {person}", **names)


def drained(stored: int, luck: random.Random) -> list[object]:
    """Measure batches of the drain, decoding included, and of its part alone."""
    with tempfile.TemporaryDirectory() as folder, Store(Workspace(Path(folder, "w")).create(), Settings()) as store:
        fill(store, stored)
        seconds, decoding, busy = [], 0.0, 0.0
        for first in range(2, EVENTS + 2, BATCH):
            entries = events(BATCH, first, luck)
            started, worked = time.perf_counter(), time.thread_time()
            found = [Decoded(seq=entry.seq, at=entry.at, records=decode("shop", entry)) for entry in entries]
            decoding += time.perf_counter() - started
            store.drain("shop", found)
            seconds.append(time.perf_counter() - started)
            busy += time.thread_time() - worked
        assert store.messages(limit=1)["text"][0].as_py() is not None
    total = sum(seconds)
    return [
        f"drain, {stored:,} stored",
        EVENTS / total,
        EVENTS / (total - decoding),
        EVENTS / busy,
        _middle(seconds) * 1000,
        max(seconds) * 1000,
    ]


def upserted(synchronous: str, luck: random.Random) -> list[object]:
    """Measure one upsert and one commit for each message in SQLite."""
    count = EVENTS // 4
    rows = [
        (message, *_row(message)) for entry in events(count, 1, luck) for message in decode("shop", entry) if _is_message(message)
    ]
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder, "seed.db"), isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        database.execute(
            "CREATE TABLE message (account, chat, sender, message_id, ts, text, push_name,"
            " PRIMARY KEY (account, chat, sender, message_id))"
        )
        seconds = []
        for _, *values in rows:
            started = time.perf_counter()
            database.execute(_UPSERT, values)
            seconds.append(time.perf_counter() - started)
        database.close()
    total = sum(seconds)
    return [f"SQLite {synchronous}, a commit each", "", count / total, "", _middle(seconds) * 1000, max(seconds) * 1000]


def _is_message(record: object) -> bool:
    return isinstance(record, Message)


def _row(message: Message) -> tuple[object, ...]:
    return (
        message.account,
        message.chat,
        message.sender,
        message.message_id,
        message.ts.timestamp(),
        message.text,
        message.push_name,
    )


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def main(stored: Sequence[int]) -> None:
    os.umask(UMASK)
    keep_out()  # as in a host
    collect_rarely()
    luck = random.Random(1)
    rows = [drained(count, luck) for count in stored]
    seed = [upserted(synchronous, luck) for synchronous in ("FULL", "NORMAL")]
    head = ["way", "events/s", "without decoding", "a busy second", "p50 ms", "max ms"]
    print(table(f"{EVENTS} events, {BATCH} a batch (SQLite: one by one)", head, [*rows, *seed]))
    print()
    for row in rows[1:]:
        print(f"{row[0]}: {row[1] / rows[0][1]:.2f} x of what it is at {stored[0]:,}")  # type: ignore[operator]
    print(f"drain, {stored[0]:,} stored: {rows[0][2] / seed[0][2]:.1f} x one upsert and commit each")  # type: ignore[operator]


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [0, 1_000_000])
