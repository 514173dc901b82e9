-- Where something is known of times in which nobody was listening: by account and
-- person (core.address.person of the chat). Intervals are half-open, [since, until).
CREATE OR REPLACE VIEW core.known AS
-- The phone's history of a chat: from its oldest message until the phone told it.
SELECT past.account, chat.person AS chat, past.since, past.until, 'history' AS source
FROM core.history AS past
JOIN core.address AS chat ON chat.id = past.chat
UNION ALL
-- An export: from its first to its last line, which may be precise to the minute only.
SELECT import.account, chat.person, import.first_ts, import.last_ts + INTERVAL 1 MINUTE, 'import'
FROM core.import AS import
JOIN core.address AS chat ON chat.id = import.chat
WHERE import.undone_at IS NULL
UNION ALL
-- What WhatsApp kept while nobody was listening, and delivered later. Messages
-- are stamped in whole seconds: those of the last one may have come in time.
SELECT DISTINCT away.account, chat.person, away.since, away.until, 'late'
FROM (
    -- By the hour: equal hours are looked up at once, while ranges are compared pair by pair.
    SELECT account, since, until,
        unnest(range(epoch_us(since) // 3600000000, epoch_us(until) // 3600000000 + 1)) AS hour
    FROM core.interval
    WHERE NOT listening AND until IS NOT NULL
) AS away
JOIN core.message AS message
    ON message.account = away.account AND epoch_us(message.ts) // 3600000000 = away.hour
    AND message.ts >= away.since AND message.ts < date_trunc('second', away.until)
JOIN core.address AS chat ON chat.id = message.chat
WHERE message.source = 'live' AND message.type <> 'undecryptable';

-- The same as states without overlap; chat 0 is the account as a whole. Every
-- start and end of anything is a point; between two points nothing changes.
CREATE OR REPLACE VIEW core.covered AS
WITH scope AS (
    SELECT no AS account, 0 AS chat FROM core.account
    UNION
    SELECT account, chat FROM core.known
    UNION
    SELECT message.account, chat.person
    FROM (SELECT DISTINCT account, chat FROM core.message) AS message
    JOIN core.address AS chat ON chat.id = message.chat
),

span AS (
    SELECT account, chat, since, until, source, NULL AS cause FROM core.known
    UNION ALL
    SELECT account, 0, since, until, source, NULL FROM core.known
    UNION ALL
    SELECT scope.account, scope.chat, session.since, session.until, if(session.listening, 'live', 'away'), session.cause
    FROM scope
    JOIN core.interval AS session ON session.account = scope.account
),

point AS (
    SELECT account, chat, since AS instant, source, cause, 1 AS step FROM span
    UNION ALL
    SELECT account, chat, until, source, NULL, -1 FROM span WHERE until IS NOT NULL
),

total AS (
    SELECT
        account,
        chat,
        instant,
        coalesce(sum(sum(step) FILTER (WHERE source = 'live')) OVER sweep, 0) > 0 AS live,
        coalesce(sum(sum(step) FILTER (WHERE source = 'history')) OVER sweep, 0) > 0 AS history,
        coalesce(sum(sum(step) FILTER (WHERE source = 'import')) OVER sweep, 0) > 0 AS imported,
        coalesce(sum(sum(step) FILTER (WHERE source = 'late')) OVER sweep, 0) > 0 AS late,
        coalesce(sum(sum(step) FILTER (WHERE source = 'away')) OVER sweep, 0) > 0 AS away,
        last_value(max(cause) IGNORE NULLS) OVER sweep AS cause
    FROM point
    GROUP BY account, chat, instant
    WINDOW sweep AS (PARTITION BY account, chat ORDER BY instant)
),

told AS (
    SELECT
        account,
        chat,
        instant,
        CASE WHEN live THEN 'complete' WHEN history OR imported OR late THEN 'partial' ELSE 'blind' END AS state,
        CASE
            WHEN live THEN 'live'
            ELSE nullif(concat_ws('+', if(history, 'history', NULL), if(imported, 'import', NULL), if(late, 'late', NULL)), '')
        END AS sources,
        CASE WHEN away AND NOT live THEN cause END AS cause
    FROM total
),

turn AS (
    SELECT *, lag((state, sources, cause)) OVER (PARTITION BY account, chat ORDER BY instant) AS before FROM told
)

SELECT
    account,
    chat,
    instant AS since,
    lead(instant) OVER (PARTITION BY account, chat ORDER BY instant) AS until,
    state,
    sources,
    cause
FROM turn
WHERE (state, sources, cause) IS DISTINCT FROM before;

-- What is known of each time, for each chat, and (chat NULL) for the account as a whole.
--   complete: the account was listening; what WhatsApp delivered is stored.
--   partial: it was not, but something tells: the phone's history, an export, or
--     messages that WhatsApp kept and delivered later. What the phone had lost or
--     deleted, nobody can know.
--   blind: it was not, and nothing tells.
-- It begins with the first thing that is known; the last interval has no end.
CREATE OR REPLACE VIEW coverage AS
SELECT
    account.id AS account,
    chat.shown AS chat,                 -- address of the chat; empty for the account as a whole
    chat.name AS chat_name,
    covered.since,                      -- from when on
    covered.until,                      -- until when; the last interval has no end
    covered.state,                      -- `complete`, `partial` or `blind`
    covered.sources,                    -- what tells of a time that is `partial`
    covered.cause                       -- why nobody was listening
FROM core.covered AS covered
JOIN core.account AS account ON account.no = covered.account
LEFT JOIN core.address AS chat ON chat.id = covered.chat;
