"""
What reports read instead of ten million messages: turns, waits, conversations and hours of each chat, kept by the store.

They are derived again chat by chat, for the chats that something was said of since
the last time; of those only the rows that differ are written, so an account that
talks all day costs little more than reading what it talks about. Which chats
those are follows from the journal's numbering. What is not in a journal's order
(imports, and addresses that turn out to be one person) enters them in
``core.stale``, in its own transaction.

The statements say the same as ``wakit.analytics.derived``, whose
expressions the host cannot load; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import duckdb

from wakit.store.engine import execute, rows, transaction

#: About how many messages one transaction derives, which is a second's work; so many chats are not worth counting them.
SLICE = 500_000
FEW = 50

_REACHED = """
SELECT
    mark.account, coalesce(derived.seq, 0), coalesce(derived.item, 0),
    if(mark.part_seq > mark.seq, mark.part_seq, mark.seq + 1), if(mark.part_seq > mark.seq, mark.part, 0)
FROM core.watermark AS mark
LEFT JOIN core.derived AS derived ON derived.account = mark.account
ORDER BY mark.account
"""
_STALE = "SELECT 1 FROM core.stale LIMIT 1"
_WRITTEN = """
INSERT INTO core.stale
SELECT DISTINCT chat.person, FALSE
FROM core.message AS message
JOIN core.address AS chat ON chat.id = message.chat
WHERE message.account = $account AND message.seq >= $seq AND (message.seq > $seq OR message.item >= $item)
"""
_SENT = """
SELECT DISTINCT message_id FROM core.send
WHERE purpose IS NOT NULL AND account = $account AND seq >= $seq AND (seq > $seq OR item >= $item)
"""
#: A message is known to be the machine's once its send is told, which may be after it was looked at.
_AUTOMATIC = f"""
INSERT INTO core.stale
SELECT DISTINCT chat.person, FALSE
FROM core.message AS message
JOIN core.address AS chat ON chat.id = message.chat
WHERE message.account = $account AND message.from_me AND message.message_id IN ({_SENT})
    AND (message.seq < $seq OR (message.seq = $seq AND message.item < $item))
"""  # noqa: S608 - our own words
_FORGET_MARK = "DELETE FROM core.derived WHERE account = ?"
_SET_MARK = "INSERT INTO core.derived VALUES (?, ?, ?)"
#: What somebody said in another chat, such as a group, is to be said by who they are now.
_MOVED = (
    """
    INSERT INTO core.stale
    SELECT DISTINCT chat, FALSE FROM core.turn WHERE sender IN (SELECT person FROM core.stale WHERE moved)
    """,
    "UPDATE core.stale SET moved = FALSE WHERE moved",
)
_MOVE = """
INSERT INTO core.stale
SELECT DISTINCT unnest([address.person, new.person]), TRUE
FROM core.address AS address
JOIN (SELECT unnest($ids::INTEGER[]) AS id, unnest($persons::INTEGER[]) AS person) AS new ON new.id = address.id
"""
_OF_IMPORT = """
INSERT INTO core.stale
SELECT chat.person, FALSE
FROM core.import AS import
JOIN core.address AS chat ON chat.id = import.chat
WHERE import.id = ?
"""

_SLICE = "CREATE OR REPLACE TEMP TABLE derived_chat AS SELECT DISTINCT person AS chat FROM core.stale"
_COUNT = "SELECT count(*) FROM derived_chat"
_CUT = """
DELETE FROM derived_chat WHERE chat IN (
    SELECT chat
    FROM (
        SELECT chat.person AS chat, sum(count(*)) OVER (ORDER BY chat.person) - count(*) AS before
        FROM core.message AS message
        JOIN core.address AS chat ON chat.id = message.chat
        WHERE chat.person IN (SELECT chat FROM derived_chat)
        GROUP BY chat.person
    )
    WHERE before >= $messages
)
"""
_MESSAGE = """
CREATE OR REPLACE TEMP TABLE derived_message AS
SELECT
    message.account, chat.person AS chat, sender.person AS sender, epoch_us(message.ts) // 1000000 AS written,
    message.from_me, message.type = 'system' AS is_system, chat.kind = 'group' AS is_group,
    if(message.from_me, message.message_id, NULL) AS ours
FROM core.message AS message
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
WHERE NOT message.clock_suspect AND chat.kind NOT IN ('broadcast', 'newsletter')
    AND chat.person IN (SELECT chat FROM derived_chat)
"""
#: Of all sends only those of these messages: to look for these among all is most of the work where there are few.
_FACT = """
CREATE OR REPLACE TEMP TABLE derived_fact AS
SELECT message.* EXCLUDE (ours), sent.message_id IS NOT NULL AS automatic
FROM derived_message AS message
LEFT JOIN (
    SELECT DISTINCT account, message_id
    FROM core.send
    WHERE purpose IS NOT NULL AND message_id IN (SELECT ours FROM derived_message WHERE ours IS NOT NULL)
) AS sent ON sent.account = message.account AND sent.message_id = message.ours
"""
#: One sort of all messages, and one of the first of each turn: those know what was before them and how many they follow.
_TURN = """
CREATE OR REPLACE TEMP TABLE derived_turn AS
WITH told AS (
    SELECT
        *,
        row_number() OVER so_far AS number,
        lag(written) OVER so_far AS before,
        lag(from_me) OVER so_far AS ours_before,
        lag(sender) OVER so_far AS sender_before,
        lag(automatic) OVER so_far AS automatic_before
    FROM derived_fact
    WHERE NOT is_system
    WINDOW so_far AS (PARTITION BY chat ORDER BY written, from_me, sender, automatic)
), first AS (
    SELECT * FROM told
    WHERE before IS NULL OR written - before > 1800
        OR sender <> sender_before OR from_me <> ours_before OR automatic <> automatic_before
), whole AS (
    SELECT chat, max(written) AS last, count(*) AS messages FROM derived_fact WHERE NOT is_system GROUP BY chat
)
SELECT
    account, first.chat, is_group, from_me, automatic, sender, written AS started,
    coalesce(lead(before) OVER further, whole.last) AS ended,
    (coalesce(lead(number) OVER further, whole.messages + 1) - number)::INTEGER AS messages,
    written - before AS silence_before,
    ours_before,
    sender_before,
    lead(written - before) OVER further AS silence_after,
    lead(from_me) OVER further AS ours_after
FROM first
JOIN whole ON whole.chat = first.chat
WINDOW further AS (PARTITION BY first.chat ORDER BY number)
"""
_WAIT = """
CREATE OR REPLACE TEMP TABLE derived_wait AS
WITH heard AS (
    SELECT turn.*, way.bots_answer
    FROM derived_turn AS turn
    JOIN (VALUES (FALSE), (TRUE)) AS way (bots_answer) ON way.bots_answer OR NOT (turn.from_me AND turn.automatic)
), beside AS (
    SELECT
        *,
        lag(from_me) OVER told AS side_before,
        lag(ended) OVER told AS ended_before,
        max(ended) OVER (PARTITION BY chat, bots_answer) AS ended_last
    FROM heard
    WINDOW told AS (PARTITION BY chat, bots_answer ORDER BY started, from_me, sender, automatic)
), taken AS (
    SELECT
        *,
        lead(started) OVER told AS answered,
        lead(sender) OVER told AS answerer,
        coalesce(lead(ended_before) OVER told, ended_last) AS latest
    FROM beside
    WHERE coalesce(from_me <> side_before, TRUE)
    WINDOW told AS (PARTITION BY chat, bots_answer ORDER BY started, from_me, sender, automatic)
)
SELECT account, chat, is_group, sender, bots_answer, started AS since, latest, silence_before, answered, answerer
FROM taken
WHERE NOT from_me
"""
_CONVERSATION = """
CREATE OR REPLACE TEMP TABLE derived_conversation AS
WITH edge AS (
    SELECT
        *,
        coalesce(silence_before > 86400 AND NOT (from_me AND NOT ours_before), TRUE) AS begins,
        coalesce(silence_after > 86400 AND NOT (NOT from_me AND ours_after), TRUE) AS ends
    FROM derived_turn
), paired AS (
    SELECT
        *,
        if(ends, ended, lead(ended) OVER told) AS last,
        if(ends, from_me, lead(from_me) OVER told) AS ours_last
    FROM edge
    WHERE begins OR ends
    WINDOW told AS (PARTITION BY chat ORDER BY started, from_me, sender, automatic)
)
SELECT account, chat, is_group, started, last AS ended, from_me AS ours_first, ours_last FROM paired WHERE begins
"""
_HOUR = """
CREATE OR REPLACE TEMP TABLE derived_hour AS
SELECT
    account, chat, is_group, written - written % 3600 AS hour,
    (count(*) FILTER (NOT from_me))::INTEGER AS received, (count(*) FILTER (from_me))::INTEGER AS sent
FROM derived_fact
GROUP BY account, chat, is_group, hour
"""
_GONE = """
CREATE OR REPLACE TEMP TABLE derived_gone AS
SELECT * FROM core.{name} WHERE chat IN (SELECT chat FROM derived_chat) EXCEPT SELECT * FROM derived_{name}
"""
_DELETE = "DELETE FROM core.{name} AS old USING derived_gone AS gone WHERE {same}"
_INSERT = "INSERT INTO core.{name} SELECT * FROM derived_{name} {but} ORDER BY chat, {second}"
_BUT_KEPT = "EXCEPT SELECT * FROM core.{name} WHERE chat IN (SELECT chat FROM derived_chat)"
_HAS = "SELECT 1 FROM core.{name} WHERE chat IN (SELECT chat FROM derived_chat) LIMIT 1"
_DONE = "DELETE FROM core.stale WHERE person IN (SELECT chat FROM derived_chat)"
_DROP = "DROP TABLE derived_{name}"
#: Of each table, what no two of its rows have in common.
_KEYS = {
    "turn": ("chat", "started", "from_me", "sender", "automatic"),
    "wait": ("chat", "since", "bots_answer"),
    "conversation": ("chat", "started"),
    "hour": ("chat", "hour"),
}


class Reach(NamedTuple):
    """An account, the first row of its journal that was not looked at, and that which the drain has not moved."""

    account: int
    seq: int
    item: int
    next_seq: int
    next_item: int

    @property
    def is_behind(self) -> bool:
        return (self.seq, self.item) < (self.next_seq, self.next_item)


def is_fresh(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether the tables say what the messages say."""
    return not rows(connection, _STALE) and not any(reach.is_behind for reach in _reached(connection))


def collect(connection: duckdb.DuckDBPyConnection) -> None:
    """Enter the chats of which something new was said, in one transaction."""
    with transaction(connection):
        for reach in _reached(connection):
            if reach.is_behind:
                _collect(connection, reach)
        for statement in _MOVED:
            execute(connection, statement)


def derive(connection: duckdb.DuckDBPyConnection) -> bool:
    """Derive the tables for some of the stale chats, in one transaction; return whether there were any."""
    if not rows(connection, _STALE):
        return False
    with transaction(connection):
        execute(connection, _SLICE)
        if rows(connection, _COUNT) > [(FEW,)]:
            execute(connection, _CUT, {"messages": SLICE})
        for statement in (_MESSAGE, _FACT, _TURN, _WAIT, _CONVERSATION, _HOUR):
            execute(connection, statement)
        for name, key in _KEYS.items():
            _replace(connection, name, key)
        execute(connection, _DONE)
        for name in ("chat", "message", "fact", *_KEYS):
            execute(connection, _DROP.format(name=name))
    return True


def move(connection: duckdb.DuckDBPyConnection, persons: Iterable[tuple[int, int]]) -> None:
    """Enter who addresses stood for until now, and the persons that they are about to stand for."""
    ids, new = (list(column) for column in zip(*persons, strict=True))
    execute(connection, _MOVE, {"ids": ids, "persons": new})


def import_changes(connection: duckdb.DuckDBPyConnection, number: int) -> None:
    """Enter the chat of an import whose messages come or go."""
    execute(connection, _OF_IMPORT, [number])


def _reached(connection: duckdb.DuckDBPyConnection) -> list[Reach]:
    return [Reach(*row) for row in rows(connection, _REACHED)]


def _collect(connection: duckdb.DuckDBPyConnection, reach: Reach) -> None:
    since = {"account": reach.account, "seq": reach.seq, "item": reach.item}
    execute(connection, _WRITTEN, since)
    if rows(connection, f"{_SENT} LIMIT 1", since):
        execute(connection, _AUTOMATIC, since)
    execute(connection, _FORGET_MARK, [reach.account])
    execute(connection, _SET_MARK, [reach.account, reach.next_seq, reach.next_item])


def _replace(connection: duckdb.DuckDBPyConnection, name: str, key: tuple[str, ...]) -> None:
    """Write what differs: to write all of it again would be most of the work where little was said."""
    but = ""
    if rows(connection, _HAS.format(name=name)):
        same = " AND ".join(f"old.{column} = gone.{column}" for column in key)
        execute(connection, _GONE.format(name=name))
        execute(connection, _DELETE.format(name=name, same=same))
        execute(connection, _DROP.format(name="gone"))
        but = _BUT_KEPT.format(name=name)
    execute(connection, _INSERT.format(name=name, but=but, second=key[1]))
