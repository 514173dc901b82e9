"""
How fast a search answers over a million messages, how large its index is, and how soon something new is found.

``python tests/benchmarks/bench_search.py [MESSAGES]`` (default 1100000). Texts are
of words as often as people use them; one in three is a phrase that everybody
says. The same stems go into SQLite's FTS5, which answers the same questions in
the same run, without texts and without snippets.

The size of the index is compared with the same messages in two databases:
``wakit.duckdb``, whose texts are compressed, and a table of SQLite as others keep
them. Of the first it cannot be a fifth: which stems are in which message, without
their order, says about half of what the compressed texts say (the row "at least").
"""

from __future__ import annotations

import bisect
import itertools
import math
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import search_path  # noqa: F401 - makes the next ones importable
from tables import table

from wakit.config import Settings
from wakit.model import Message
from wakit.paths import UMASK, Workspace
from wakit.store import Decoded, Store
from wakit.store.engine import execute
from wakit.store.question import Question
from wakit.words import analyzer, folded, stem

MESSAGES, CHATS, ROUNDS, ARRIVALS = 1_100_000, 2_500, 400, 30
START = datetime(2026, 11, 24, tzinfo=UTC)
SYLLABLES = (
    *("ba", "ca", "ción", "da", "en", "es", "la", "lle", "ma", "me", "ñe", "ño", "pa", "pe"),
    *("qui", "re", "sa", "sión", "ta", "tor", "tra", "u", "va", "vi", "zar", "gü", "mó", "sí"),
)
#: How a program without wakit keeps messages.
_KEPT = """
CREATE TABLE message (account, chat, sender, message_id, ts, text, push_name, PRIMARY KEY (account, chat, sender, message_id))
"""
ACCENTED, PLAIN = set("áéíóúü"), str.maketrans("áéíóúü", "aeiouu")
COMMON = ["hola", "buenos días", "gracias", "ok", "¿cuánto cuesta?", "sí", "¿tiene envío?", "buenas tardes", "jajaja", "listo"]
ASKED = {
    "a word": "{a}",
    "two words": "{a} {b}",
    "a frequent word": "{common}",
    "a phrase": '"{phrase}"',
    "a beginning": "{beginning}*",
    "a word, one chat": "{a}",
    "a word, one month": "{a}",
    "loose": "{a}",
}


class Texts:
    """Texts of 60,000 words whose frequencies fall as in any language."""

    def __init__(self, luck: random.Random) -> None:
        self._luck = luck
        found = {"".join(luck.choices(SYLLABLES, k=luck.randint(1, 5))) for _ in range(90_000)}
        self.words = sorted(found, key=len)[:60_000]
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.words))))

    def word(self) -> str:
        """Return a word as it is met."""
        return self.words[bisect.bisect(self._weights, self._luck.random() * self._weights[-1])]

    def text(self) -> str:
        """Return what somebody writes."""
        if self._luck.random() < 0.35:
            return self._luck.choice(COMMON)
        return " ".join(self.word() for _ in range(self._luck.randint(3, 22)))


def fill(store: Store, texts: list[str]) -> None:
    """Put one message for each text into the store."""
    store.drain("shop", [Decoded(seq=1, at=START, records=[_said(n, "hola", n) for n in range(CHATS)])])
    step = 100_000
    cursor = store._connection.cursor()
    for first in range(0, len(texts), step):
        part = pa.table({"text": texts[first : first + step]})
        cursor.register("part", part)
        cursor.execute(
            f"""
            INSERT INTO core.message
            SELECT 1, 1 + (n * 7919 % {CHATS}), 1 + (n * 7919 % {CHATS}), '3EB0' || upper(md5(n::VARCHAR)[:18]),
                TIMESTAMPTZ '2024-11-24' + INTERVAL (n * 57) SECOND, n % 3 = 0, 'text', text,
                NULL, NULL, NULL, FALSE, NULL, 'live', FALSE, n + 2, 0
            FROM (SELECT text, {first} + row_number() OVER () AS n FROM part)
            """
        ).fetchall()
        cursor.unregister("part")
    cursor.close()
    execute(store._connection, "UPDATE core.watermark SET seq = ?", [len(texts) + 2])
    store._drain._load()
    execute(store._connection, "CHECKPOINT")


def _said(number: int, text: str, person: int) -> Message:
    jid = f"57300{person:07}@s.whatsapp.net"
    return Message(account="shop", message_id=f"S{number}", ts=START, text=text, chat=jid, sender=jid)


def questions(kind: str, texts: Texts, said: list[str], luck: random.Random) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield questions of one kind, each with its filters."""
    while True:
        text = [word for word in luck.choice(said).split() if word.isalpha()]
        if len(text) < 4:
            continue
        at = luck.randrange(len(text) - 1)
        filled = ASKED[kind].format(
            a=text[at],
            b=text[at + 1],
            common=luck.choice([*texts.words[:30], "hola", "gracias"]),
            phrase=f"{text[at]} {text[at + 1]}",
            beginning=text[at][: max(3, len(text[at]) - 2)],
        )
        more: dict[str, object] = {"loose": kind == "loose"}
        if kind.endswith("one chat"):
            more["chat"] = f"+57300{luck.randrange(CHATS):07}"
        if kind.endswith("one month"):
            since = datetime(2024, 12, 1, tzinfo=UTC) + timedelta(days=luck.randrange(600))
            more |= {"since": since, "until": since + timedelta(days=30)}
        yield filled, more


class Peer:
    """SQLite's FTS5 over the same stems."""

    def __init__(self, path: Path, texts: list[str]) -> None:
        self.path = path
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE VIRTUAL TABLE found USING fts5(stems, content = '')")
        stems = analyzer()
        rows = ((number, " ".join(stems.analyze(folded(text)))) for number, text in enumerate(texts))
        self._database.executemany("INSERT INTO found (rowid, stems) VALUES (?, ?)", rows)
        self._database.execute("INSERT INTO found (found) VALUES ('optimize')")
        self._database.commit()

    def search(self, question: Question) -> int:
        """Return how many of the best twenty there are."""
        parts = [f'"{" ".join(map(stem, term.words))}"{"*" if term.prefix else ""}' for term in question.terms]
        query = "SELECT rowid FROM found WHERE found MATCH ? ORDER BY rank LIMIT 20"
        return len(self._database.execute(query, [" ".join(parts)]).fetchall())


def asked(store: Store, peer: Peer, kind: str, texts: Texts, said: list[str]) -> list[object]:
    """Measure questions of one kind, ours and the peer's in turn."""
    luck, ours, theirs, found = random.Random(kind), [], [], 0
    for question, more in itertools.islice(questions(kind, texts, said, luck), ROUNDS // len(ASKED)):
        begin = time.perf_counter()
        found += len(store.search(question, **more))  # type: ignore[arg-type]
        middle = time.perf_counter()
        peer.search(Question.parse(question))
        ours.append(middle - begin)
        theirs.append(time.perf_counter() - middle)
    return [kind, found / len(ours), *_quantiles(ours), *_quantiles(theirs)]


def arrivals(store: Store, first: int) -> list[float]:
    """Return seconds from the drain of a message to the search that finds it."""
    took = []
    for number in range(ARRIVALS):
        begin = time.perf_counter()
        store.drain("shop", [Decoded(seq=first + number, at=START, records=[_said(first + number, f"llegada{number}x", 1)])])
        while not store.search(f"llegada{number}x"):
            time.sleep(0.002)
        took.append(time.perf_counter() - begin)
    return took


def recalled(store: Store, texts: Texts, said: list[str]) -> tuple[int, int]:
    """Look for words in capitals without accents; return how many messages with them are found, and how many there are."""
    places: dict[str, set[int]] = {word: set() for word in texts.words if set(word) & ACCENTED}
    for number, text in enumerate(said):
        for word in places.keys() & set(text.split()):
            places[word].add(number)
    rare = [word for word, holding in places.items() if 0 < len(holding) < 200]
    found = wanted = 0
    for word in random.Random(2).sample(rare, min(100, len(rare))):
        hits = {hit.text for hit in store.search(word.translate(PLAIN).upper(), limit=1500)}
        wanted += len(places[word])
        found += sum(said[number] in hits for number in places[word])
    return found, wanted


def kept_apart(store: Store, texts: Texts) -> bool:
    """Return whether words with ñ are not found by the same words with n."""
    with_enye = [word for word in texts.words if "ñ" in word][:100]
    return not any(word in hit.text.split() for word in with_enye for hit in store.search(word.replace("ñ", "n")))


def kept_plainly(store: Store, path: Path) -> float:
    """Return the MB of a database of SQLite with the same messages."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_KEPT)
        found = store.sql("SELECT account, chat, sender, message_id, epoch_us(ts), text, sender_name FROM messages")
        with found as answer:
            for batch in answer:
                rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                database.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    return _size(path)


def least(said: list[str]) -> float:
    """Return the MB without which no index can say which stems are in which message: the entropy of that."""
    stems, held = analyzer(), Counter[str]()
    for text in said:
        held.update(set(stems.analyze(folded(text))))
    shares = [count / len(said) for count in held.values()]
    return len(said) * sum(-p * math.log2(p) - ((1 - p) * math.log2(1 - p) if p < 1 else 0) for p in shares) / 8e6


def _quantiles(seconds: list[float]) -> list[float]:
    ordered = sorted(seconds)
    return [1000 * ordered[len(ordered) // 2], 1000 * ordered[int(len(ordered) * 0.95)]]


def _size(path: Path) -> float:
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(one.stat().st_size for one in files) / 1e6


def main(count: int) -> None:
    os.umask(UMASK)
    texts = Texts(random.Random(1))
    said = [texts.text() for _ in range(count)]
    with tempfile.TemporaryDirectory() as folder, Store(Workspace(Path(folder, "w")).create(), Settings()) as store:
        fill(store, said)
        begin = time.perf_counter()
        store.catch_up()
        took = time.perf_counter() - begin
        begin = time.perf_counter()
        peer = Peer(Path(folder, "peer.db"), said)
        peer_took = time.perf_counter() - begin
        rows = [asked(store, peer, kind, texts, said) for kind in ASKED]
        found = arrivals(store, count + 10)
        recall, apart = recalled(store, texts, said), kept_apart(store, texts)
        workspace = Workspace(Path(folder, "w"))
        index, database, theirs = _size(workspace.search), _size(workspace.database), _size(peer.path)
        plain = kept_plainly(store, Path(folder, "plain.db"))
    head = ["question", "hits", "p50 ms", "p95 ms", "FTS5 p50 ms", "FTS5 p95 ms"]
    print(table(f"{count} messages, the best 20 with snippets (≤ 10 ms p95); FTS5: row ids", head, rows))
    facts = [
        ["indexed messages/s", count / took, count / peer_took, ""],
        ["index MB", index, theirs, ""],
        ["database MB", database, "", ""],
        ["texts MB", sum(len(text.encode()) for text in said) / 1e6, "", ""],
        ["the same messages in SQLite MB", plain, "", ""],
        ["index of that database", index / plain, theirs / plain, "≤ 0.2"],
        ["index of wakit.duckdb, compressed", index / database, theirs / database, ""],
        ["at least: which stems where, MB", least(said), "", ""],
        ["a new message found after ms, p50", _quantiles(found)[0], "", ""],
        ["a new message found after ms, p95", _quantiles(found)[1], "", "≤ 300"],
        ["found without accents", f"{recall[0]} of {recall[1]}", "", "all"],
        ["ñ and n kept apart", apart, "", "True"],
    ]
    print(table("", ["", "wakit", "FTS5", "limit"], facts))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES)
