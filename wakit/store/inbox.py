"""
Chats by what needs an answer: those that wait, the longest first, then the others, the liveliest first.

A chat waits since the first message that others wrote behind our last one. In a group
only those count that answer one of our messages or mention us, because people talk to
each other there. What nobody can answer (system lines, calls, what could not be read,
what was taken back) does not count, nor does what is too old to be still waited for.
"""

from __future__ import annotations

from wakit.store.ticks import ticks

_INBOX = """
WITH own AS (
    SELECT list(id) AS ids, list(jid) AS jids FROM core.address WHERE own
),

said AS (
    SELECT
        message.account, chat.person AS chat, chat.kind = 'group' AS is_group, message.sender, message.message_id, message.ts,
        message.from_me, message.target_sender, message.mentions, message.seq, message.item
    FROM core.message AS message
    JOIN core.address AS chat ON chat.id = message.chat
    WHERE ($account IS NULL OR message.account = $account)
        AND chat.kind IN ('phone', 'lid', 'group')
        AND message.type NOT IN ('system', 'call', 'undecryptable')
),

chats AS (
    SELECT
        account, chat,
        max(ts) FILTER (WHERE from_me) AS answered_at,
        arg_max({{'seq': seq, 'item': item, 'message_id': message_id, 'ts': ts}}, (ts, seq, item)) AS newest
    FROM said
    GROUP BY account, chat
),

waits AS (
    SELECT said.account, said.chat, min(said.ts) AS waiting_since, count(*) AS waiting
    FROM said
    JOIN chats ON chats.chat = said.chat
    JOIN core.address AS sender ON sender.id = said.sender
    CROSS JOIN own
    WHERE NOT said.from_me
        AND said.ts > coalesce(chats.answered_at, '-infinity'::TIMESTAMPTZ)
        AND said.ts >= $since
        AND (NOT said.is_group OR list_contains(own.ids, said.target_sender) OR list_has_any(own.jids, said.mentions))
        AND NOT EXISTS (
            SELECT 1 FROM core.first_revoke AS revoke
            WHERE revoke.target_id = said.message_id AND revoke.chat = said.chat AND revoke.author = sender.person
        )
    GROUP BY said.account, said.chat
),

chosen AS (
    SELECT chats.account, chats.chat, chats.newest, waits.waiting_since, coalesce(waits.waiting, 0) AS waiting
    FROM chats
    LEFT JOIN waits ON waits.chat = chats.chat
    ORDER BY waits.waiting_since NULLS LAST, chats.newest.ts DESC, chats.chat
    LIMIT $limit
),

{ticks}

SELECT
    shown.account, shown.chat, shown.chat_name AS name, shown.is_group,
    chosen.waiting_since, chosen.waiting,
    shown.message_id, shown.ts, shown.from_me, shown.sender, shown.sender_name, shown.type, shown.text, shown.revoked_at,
    CASE WHEN shown.from_me THEN coalesce(ticks.state, 'sent') END AS state
FROM chosen
JOIN core.shown_message AS shown
    ON shown.account_no = chosen.account AND shown.seq = chosen.newest.seq AND shown.item = chosen.newest.item
LEFT JOIN ticks ON ticks.chat = chosen.chat AND ticks.message_id = chosen.newest.message_id
ORDER BY chosen.waiting_since NULLS LAST, chosen.newest.ts DESC, chosen.chat
"""
INBOX = _INBOX.format(ticks=ticks("SELECT newest.message_id FROM chosen"))
