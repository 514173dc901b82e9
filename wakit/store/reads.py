"""What people ask for by name, as statements; values are always parameters."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class MessageKey(NamedTuple):
    """Where a message stands among all; times alone are not unique."""

    ts: datetime
    account: int
    seq: int
    item: int


ACCOUNTS = "SELECT * FROM accounts ORDER BY account"
#: The newest messages that fit are chosen in the bare table, and only they are joined.
MESSAGES = """
WITH chosen AS (
    SELECT account, seq, item
    FROM core.message
    WHERE ($account IS NULL OR account = $account)
        AND ($chats IS NULL OR chat IN (SELECT unnest($chats)))
        AND ($senders IS NULL OR sender IN (SELECT unnest($senders)))
        AND ($types IS NULL OR type::VARCHAR IN (SELECT unnest($types)))
        AND ($from_me IS NULL OR from_me = $from_me)
        AND ($since IS NULL OR ts >= $since)
        AND ($until IS NULL OR ts < $until)
        AND ($before_ts IS NULL OR (ts, account, seq, item) < ($before_ts, $before_account, $before_seq, $before_item))
    ORDER BY ts DESC, account DESC, seq DESC, item DESC
    LIMIT $limit
)

SELECT shown.*
FROM core.shown_message AS shown
JOIN chosen ON chosen.account = shown.account_no AND chosen.seq = shown.seq AND chosen.item = shown.item
ORDER BY shown.ts, shown.account_no, shown.seq, shown.item
"""
CONTEXT = """
WITH meant AS (
    SELECT ts, seq, item FROM core.message
    WHERE account = $account AND chat IN (SELECT unnest($chats)) AND message_id = $id
    ORDER BY seq, item
    LIMIT 1
),

before AS (
    SELECT message.seq, message.item FROM core.message AS message, meant
    WHERE account = $account AND chat IN (SELECT unnest($chats))
        AND (message.ts, message.seq, message.item) <= (meant.ts, meant.seq, meant.item)
    ORDER BY message.ts DESC, message.seq DESC, message.item DESC
    LIMIT $size + 1
),

after AS (
    SELECT message.seq, message.item FROM core.message AS message, meant
    WHERE account = $account AND chat IN (SELECT unnest($chats))
        AND (message.ts, message.seq, message.item) > (meant.ts, meant.seq, meant.item)
    ORDER BY message.ts, message.seq, message.item
    LIMIT $size
)

SELECT shown.* EXCLUDE (account_no, seq, item)
FROM core.shown_message AS shown
JOIN (FROM before UNION ALL FROM after) AS chosen ON chosen.seq = shown.seq AND chosen.item = shown.item
WHERE shown.account_no = $account
ORDER BY shown.ts, shown.seq, shown.item
"""
CHATS = "SELECT * FROM conversations WHERE account = coalesce($account, account) ORDER BY last_ts DESC NULLS LAST, chat"
CONTACTS = "SELECT * FROM contacts WHERE account = coalesce($account, account) ORDER BY name, jid"
INTERVALS = "SELECT * FROM intervals WHERE account = coalesce($account, account) ORDER BY account, since"
#: Filters on both numbers reach the bottom of the view: one chat costs no look at the others.
COVERAGE = """
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    covered.since,
    covered.until,
    covered.state,
    covered.sources,
    covered.cause
FROM core.covered AS covered
JOIN core.account AS account ON account.no = covered.account
LEFT JOIN core.address AS chat ON chat.id = covered.chat
WHERE covered.account = coalesce($account, covered.account) AND list_contains($chats, covered.chat)
ORDER BY account.id, chat.shown, covered.since
"""
RECEIPTS = "SELECT * FROM receipts WHERE account = coalesce($account, account) ORDER BY ts"
