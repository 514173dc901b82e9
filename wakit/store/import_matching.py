"""
Which lines of an export are messages that are here already.

An export has no ids, and its clock usually shows minutes. A line and a stored
message are one if they were written by the same person in the same minute with
the same text; the first such line goes with the first such message, the second
with the second. What cannot be that sure is tried afterwards, with less
confidence, and only with what is left. Messages that WhatsApp delivered are
preferred to those of other imports.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from wakit.store.engine import execute, rows

#: Texts of fewer characters say little: people write "ok" all the time.
_TELLING = 12
#: Votes for a name to be somebody, and their share.
_VOTES, _SHARE = 2, 0.8

_TABLES = (
    "CREATE OR REPLACE TEMP TABLE import_who (name VARCHAR, address INTEGER, who INTEGER)",
    "CREATE OR REPLACE TEMP TABLE import_pair (line INTEGER, seq BIGINT, item INTEGER, confidence FLOAT)",
    """
    CREATE OR REPLACE TEMP TABLE import_key (
        line INTEGER, ts TIMESTAMPTZ, minute BIGINT, name VARCHAR, key UBIGINT, size INTEGER, type VARCHAR, changed BOOLEAN
    )
    """,
    """
    CREATE OR REPLACE TEMP TABLE import_known (
        seq BIGINT, item INTEGER, ts TIMESTAMPTZ, minute BIGINT, who INTEGER, key UBIGINT, size INTEGER, type VARCHAR,
        imported BOOLEAN
    )
    """,
)
#: One batch of lines, where statements find it; texts stay in their file, and only what they come down to is compared.
_LINE = """
CREATE OR REPLACE TEMP VIEW import_line AS
SELECT line::INTEGER AS line, ts, sender::VARCHAR AS name, type::VARCHAR AS type, text, attachment, edited, deleted
FROM import_batch
"""
_KEYS = """
INSERT INTO import_key
SELECT line, ts, epoch_us(ts) // 60000000, name, hash(key), length(key), type, edited OR deleted
FROM (SELECT *, core.plain_text(text) AS key FROM import_line)
"""
#: Rows of the chat around the time of the export, other imports included.
_KNOWN = """
INSERT INTO import_known
SELECT seq, item, ts, epoch_us(ts) // 60000000, who, hash(key), length(key), type, imported
FROM (
SELECT
    message.seq,
    message.item,
    message.ts,
    CASE WHEN message.from_me THEN 0 ELSE sender.person END AS who,
    core.plain_text(coalesce(edit.text, message.text)) AS key,
    message.type::VARCHAR AS type,
    message.source = 'import' AS imported
FROM core.message AS message
JOIN core.address AS sender ON sender.id = message.sender
LEFT JOIN core.latest_edit AS edit
    ON edit.target_id = message.message_id AND edit.chat = $person
    AND edit.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END
WHERE message.account = $account
    AND message.chat IN (SELECT id FROM core.address WHERE person = $person)
    AND message.ts BETWEEN $first::TIMESTAMPTZ - INTERVAL 1 DAY AND $last::TIMESTAMPTZ + INTERVAL 1 DAY
)
"""
_ANY_KNOWN = """
SELECT count(*) FROM core.message
WHERE account = $account
    AND chat IN (SELECT id FROM core.address WHERE person = $person)
    AND ts BETWEEN $first::TIMESTAMPTZ - INTERVAL 1 DAY AND $last::TIMESTAMPTZ + INTERVAL 1 DAY
"""
_VIEWS = (
    """
    CREATE OR REPLACE TEMP VIEW import_open AS
    SELECT key.*, who.who
    FROM import_key AS key
    LEFT JOIN import_who AS who ON who.name IS NOT DISTINCT FROM key.name
    WHERE key.line NOT IN (SELECT line FROM import_pair)
    """,
    """
    CREATE OR REPLACE TEMP VIEW import_free AS
    SELECT known.*
    FROM import_known AS known
    ANTI JOIN import_pair AS pair ON pair.seq = known.seq AND pair.item = known.item
    """,
)
#: Who wrote what a name wrote, where a telling text comes once in its minute on both sides.
_VOTE = """
WITH line AS (
    SELECT minute, key, any_value(name) AS name
    FROM import_key
    WHERE size >= ? AND name IS NOT NULL
    GROUP BY minute, key
    HAVING count(*) = 1
),

known AS (
    SELECT minute, key, any_value(who) AS who FROM import_known GROUP BY minute, key HAVING count(DISTINCT who) = 1
)

SELECT line.name, known.who, count(*) FROM line JOIN known USING (minute, key) GROUP BY line.name, known.who
"""
#: By how many minutes the messages that are here are later than the export says.
_SHIFT = """
WITH line AS (
    SELECT key, any_value(minute) AS minute FROM import_key WHERE size >= ? GROUP BY key HAVING count(*) = 1
),

known AS (
    SELECT key, any_value(minute) AS minute FROM import_known WHERE NOT imported GROUP BY key HAVING count(*) = 1
)

SELECT known.minute - line.minute AS shift, count(*) AS votes
FROM line JOIN known USING (key)
GROUP BY shift
ORDER BY votes DESC, shift
"""
_SAME_MINUTE = """
INSERT INTO import_pair
WITH line AS (
    SELECT *, row_number() OVER (PARTITION BY minute, key, who ORDER BY line) AS turn
    FROM import_open
    WHERE size > 0 AND who IS NOT NULL
),

known AS (
    SELECT *, row_number() OVER (PARTITION BY minute, key, who ORDER BY imported, ts, seq, item) AS turn
    FROM import_free
    WHERE size > 0
)

SELECT
    line.line,
    known.seq,
    known.item,
    CASE WHEN line.ts = known.ts AND line.ts <> date_trunc('minute', line.ts) THEN 1 ELSE 0.95 END
FROM line JOIN known USING (minute, key, who, turn)
"""
_ANYBODY = """
INSERT INTO import_pair
WITH line AS (
    SELECT *, row_number() OVER (PARTITION BY minute, key ORDER BY line) AS turn
    FROM import_open
    WHERE size > 0 AND who IS NULL
),

known AS (
    SELECT *, row_number() OVER (PARTITION BY minute, key ORDER BY imported, ts, seq, item) AS turn
    FROM import_free
    WHERE size > 0
)

SELECT line.line, known.seq, known.item, 0.7 FROM line JOIN known USING (minute, key, turn)
"""
#: Photos that were left out, calls, deleted messages: the same kind of thing in the same minute.
_WORDLESS = """
INSERT INTO import_pair
WITH line AS (
    SELECT *, row_number() OVER (PARTITION BY minute, who, kind ORDER BY line) AS turn
    FROM (SELECT *, CASE WHEN type IN ('call', 'system', 'location') THEN type ELSE 'media' END AS kind FROM import_open)
    WHERE size = 0 AND who IS NOT NULL
),

known AS (
    SELECT *, row_number() OVER (PARTITION BY minute, who, kind ORDER BY imported, ts, seq, item) AS turn
    FROM (SELECT *, CASE WHEN type IN ('call', 'system', 'location') THEN type ELSE 'media' END AS kind FROM import_free)
    WHERE size = 0
)

SELECT line.line, known.seq, known.item, CASE WHEN known.imported THEN 0.9 ELSE 0.6 END
FROM line JOIN known USING (minute, who, kind, turn)
"""
#: A clock shows the minute in which a message was sent or came; the two may lie on either side of a full minute.
_NEXT_MINUTE = """
INSERT INTO import_pair
WITH pair AS (
    SELECT
        line.line,
        known.seq,
        known.item,
        row_number() OVER (PARTITION BY line.line ORDER BY known.imported, known.ts, known.seq, known.item) AS line_turn,
        row_number() OVER (PARTITION BY known.seq, known.item ORDER BY line.line) AS known_turn
    FROM (SELECT *, unnest([minute - 1, minute + 1]) AS near FROM import_open WHERE size >= ?) AS line
    JOIN import_free AS known
        ON known.minute = line.near AND known.key = line.key AND (line.who IS NULL OR line.who = known.who)
)

SELECT line, seq, item, 0.8 FROM pair WHERE line_turn = 1 AND known_turn = 1
"""
#: A message that was edited or deleted between two exports has another text in each.
_CHANGED = """
INSERT INTO import_pair
WITH line AS (
    SELECT *, row_number() OVER (PARTITION BY minute, who ORDER BY line) AS turn
    FROM import_open
    WHERE changed AND who IS NOT NULL
),

known AS (
    SELECT *, row_number() OVER (PARTITION BY minute, who ORDER BY imported, ts, seq, item) AS turn
    FROM import_free
    WHERE type <> 'system'
)

SELECT line.line, known.seq, known.item, 0.5 FROM line JOIN known USING (minute, who, turn)
"""


#: A statement and its values.
Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody that a name of an export stands for."""

    #: Row of ``core.address``.
    address: int
    #: Who stands for them; 0 is the account itself.
    who: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where and when the messages of an export were."""

    account: int
    #: Who stands for the chat.
    person: int
    first: datetime
    last: datetime


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make room for one import."""
    for statement in _TABLES:
        execute(connection, statement)


def each(connection: duckdb.DuckDBPyConnection, batches: Iterable[pa.RecordBatch], statements: Iterable[Statement]) -> None:
    """Run statements for each batch of lines, which they find as ``import_line``."""
    statements = list(statements)
    for batch in batches:
        # After an error the transaction takes it back; unregistering would fail and hide what went wrong.
        connection.register("import_batch", pa.Table.from_batches([batch]))
        execute(connection, _LINE)
        for statement, values in statements:
            execute(connection, statement, values)
        execute(connection, "DROP VIEW import_line")
        connection.unregister("import_batch")


def is_known(connection: duckdb.DuckDBPyConnection, place: Place) -> bool:
    """Return whether anything of the chat and the time of an export is here."""
    return bool(rows(connection, _ANY_KNOWN, asdict(place))[0][0])


def compare(connection: duckdb.DuckDBPyConnection, batches: Iterable[pa.RecordBatch], place: Place) -> None:
    """Prepare lines and what is here for ``votes`` and ``pair``."""
    execute(connection, _KNOWN, asdict(place))
    each(connection, batches, [(_KEYS, None)])
    for statement in _VIEWS:
        execute(connection, statement)


def votes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return who is meant by which name, as far as their messages tell."""
    found: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for name, who, count in rows(connection, _VOTE, [_TELLING]):
        found[name][who] = count
    winners = {}
    for name, counts in found.items():
        who, most = max(counts.items(), key=lambda one: one[1])
        if most >= _VOTES and most >= _SHARE * sum(counts.values()):
            winners[name] = who
    return winners


def shift(connection: duckdb.DuckDBPyConnection) -> int:
    """Return by how many minutes most messages that are here are later than the export says; 0 if they agree."""
    found = rows(connection, _SHIFT, [_TELLING])
    total = sum(count for _, count in found)
    minutes, most = found[0] if found else (0, 0)
    return int(minutes) if abs(minutes) > 1 and most > _VOTES and most >= _SHARE * total else 0


def pair(connection: duckdb.DuckDBPyConnection) -> None:
    """Find the lines that are here already, the surest first."""
    for statement, values in (
        (_SAME_MINUTE, []),
        (_ANYBODY, []),
        (_WORDLESS, []),
        (_NEXT_MINUTE, [_TELLING]),
        (_CHANGED, []),
    ):
        execute(connection, statement, values)


def name_people(connection: duckdb.DuckDBPyConnection, people: Mapping[str | None, Person | None]) -> None:
    """Tell who is meant by which name; ``None`` is WhatsApp itself."""
    names = list(people)
    found = list(people.values())
    values = {
        "names": names,
        "addresses": [one.address if one else None for one in found],
        "whos": [one.who if one else None for one in found],
    }
    execute(connection, "DELETE FROM import_who")
    execute(
        connection,
        "INSERT INTO import_who SELECT unnest($names::VARCHAR[]), unnest($addresses::INTEGER[]), unnest($whos::INTEGER[])",
        values,
    )


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Give the room back."""
    for view in ("import_open", "import_free"):
        execute(connection, f"DROP VIEW IF EXISTS {view}")
    for table in ("import_who", "import_pair", "import_known", "import_key"):
        execute(connection, f"DROP TABLE IF EXISTS {table}")
