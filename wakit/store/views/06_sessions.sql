-- Each linked number and how its session was last.
CREATE OR REPLACE VIEW accounts AS
SELECT
    account.id AS account,
    account.network,                    -- `whatsapp`, or the emulated network it lives on
    account.phone,                      -- number of the linked phone, E.164
    account.push_name,                  -- the name that the phone gave itself
    account.timezone,                   -- in which days and hours are counted
    last.state,                         -- state of its session
    last.since                          -- since when
FROM core.account AS account
LEFT JOIN (
    SELECT account, arg_max(state, (seq, item)) AS state, arg_max(since, (seq, item)) AS since
    FROM core.state
    GROUP BY account
) AS last ON last.account = account.no;

-- Times in which messages may have been missed.
CREATE OR REPLACE VIEW gaps AS
SELECT
    account.id AS account,
    gap.since,                          -- from when on
    gap.until,                          -- until when
    gap.cause                           -- what ended the listening
FROM core.gap AS gap
JOIN core.account AS account ON account.no = gap.account;

-- When each account was listening and when it was not, from its first connection
-- on: connected intervals without the gaps. Every start and end of either is a
-- point; between two points nothing changes. Of causes that begin at the same
-- instant the one that lasts longest counts, a gap's before that of a state.
CREATE OR REPLACE VIEW core.interval AS
WITH spell AS (
    SELECT
        account,
        state,
        since,
        lead(since) OVER later AS until,
        lead(state) OVER later AS next_state
    FROM core.state
    WINDOW later AS (PARTITION BY account ORDER BY since, seq, item)
),

point AS (
    SELECT account, since AS instant, 1 AS up, 0 AS blind, NULL AS cause, NULL AS lasts FROM spell WHERE state = 'connected'
    UNION ALL
    SELECT account, until, -1, 0, next_state, until FROM spell WHERE state = 'connected' AND until IS NOT NULL
    UNION ALL
    SELECT account, since, 0, 1, cause, until FROM core.gap
    UNION ALL
    SELECT account, until, 0, -1, NULL, NULL FROM core.gap
),

total AS (
    SELECT
        account,
        instant,
        sum(sum(up)) OVER sweep > 0 AND sum(sum(blind)) OVER sweep = 0 AS listening,
        arg_max(cause, (lasts, cause)) AS cause
    FROM point
    GROUP BY account, instant
    WINDOW sweep AS (PARTITION BY account ORDER BY instant)
),

turn AS (
    SELECT *, lag(listening, 1, FALSE) OVER (PARTITION BY account ORDER BY instant) AS before FROM total
)

SELECT
    account,
    instant AS since,
    lead(instant) OVER (PARTITION BY account ORDER BY instant) AS until,
    listening,
    CASE WHEN NOT listening THEN cause END AS cause
FROM turn
WHERE listening <> before;

-- When each account was listening and when it was not, from its first connection on.
CREATE OR REPLACE VIEW intervals AS
SELECT
    account.id AS account,
    spell.since,                        -- from when on
    spell.until,                        -- until when; empty while it lasts
    spell.listening,                    -- whether it was
    spell.cause                         -- why not: what began first, of several at once what lasts longest
FROM core.interval AS spell
JOIN core.account AS account ON account.no = spell.account;

-- What could not be read, with the reason.
CREATE OR REPLACE VIEW quarantine AS
SELECT
    account.id AS account,
    raw.ts,                             -- when it came
    raw.seq,                            -- its journal entry, which keeps it as it came
    raw.fields                          -- reason and size
FROM core.raw AS raw
JOIN core.account AS account ON account.no = raw.account
WHERE raw.name = 'quarantine';
