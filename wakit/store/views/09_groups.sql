-- Everything that was told of groups: who came and went, who got which role, new subjects.
CREATE OR REPLACE VIEW group_changes AS
SELECT DISTINCT
    account.id AS account,
    chat.shown AS chat,                 -- the group
    chat.name AS chat_name,             -- its newest subject
    change.ts,
    change.kind,                        -- `join`, `leave`, `promote`, `demote`, `subject`, `topic`; `member` and `admin` are from a list of members
    member.shown AS member,             -- who joined, left or got a role
    member.name AS member_name,
    author.shown AS author,             -- who did it
    author.name AS author_name,         -- what they are called
    change.text,                        -- the new subject or description
    change.source
FROM core.group_change AS change
JOIN core.account AS account ON account.no = change.account
JOIN core.address AS chat ON chat.id = change.chat
LEFT JOIN core.address AS member ON member.id = change.member
LEFT JOIN core.address AS author ON author.id = change.author;

-- One row for each time that somebody was in a group. What a list of members does
-- not name any more has left at some time before it.
CREATE OR REPLACE VIEW group_members AS
WITH told AS (
    SELECT change.account, chat.person AS chat, member.person AS member, change.ts, change.kind, change.seq, change.item
    FROM core.group_change AS change
    JOIN core.address AS chat ON chat.id = change.chat
    JOIN core.address AS member ON member.id = change.member
),

-- A list is all that one journal entry says of a group.
listed AS (
    SELECT account, chat, ts, seq, min(item) AS item
    FROM told
    WHERE kind IN ('member', 'admin')
    GROUP BY account, chat, ts, seq
),

missing AS (
    SELECT known.account, known.chat, known.member, listed.ts, listed.seq, listed.item
    FROM (SELECT DISTINCT account, chat, member FROM told) AS known
    JOIN listed ON listed.account = known.account AND listed.chat = known.chat
    ANTI JOIN told AS named
        ON named.account = known.account AND named.chat = known.chat AND named.member = known.member
        AND named.seq = listed.seq AND named.kind IN ('member', 'admin')
),

-- Times are whole seconds: within one, the journal's order counts.
instant AS (
    SELECT
        account,
        chat,
        member,
        (ts, seq, item) AS place,
        ts,
        kind <> 'leave' AS present,
        CASE WHEN kind IN ('admin', 'promote') THEN TRUE WHEN kind IN ('member', 'demote', 'join') THEN FALSE END AS admin,
        kind IN ('join', 'leave') AS exact,
        FALSE AS inferred
    FROM told
    UNION ALL
    SELECT account, chat, member, (ts, seq, item), ts, FALSE, NULL, FALSE, TRUE FROM missing
),

turn AS (
    SELECT *, present IS DISTINCT FROM lag(present) OVER (PARTITION BY account, chat, member ORDER BY place) AS turned
    FROM instant
),

numbered AS (
    SELECT *, count(*) FILTER (WHERE turned) OVER (PARTITION BY account, chat, member ORDER BY place) AS spell FROM turn
),

spell AS (
    SELECT
        account,
        chat,
        member,
        spell,
        any_value(present) AS present,
        min(ts) AS ts,
        arg_min(exact, place) AS exact,
        arg_max(admin, place) AS admin,
        bool_and(inferred) AS inferred
    FROM numbered
    GROUP BY account, chat, member, spell
),

paired AS (
    SELECT *, lead(ts) OVER following AS next_ts, lead(exact) OVER following AS next_exact
    FROM spell
    WINDOW following AS (PARTITION BY account, chat, member ORDER BY spell)
)

SELECT
    account.id AS account,
    chat.shown AS chat,                 -- the group
    chat.name AS chat_name,             -- its newest subject
    member.shown AS member,             -- the person
    member.name AS member_name,         -- what they are called
    coalesce(paired.admin, FALSE) AS is_admin,  -- their last known role
    CASE WHEN paired.present THEN paired.ts END AS since,  -- from when on they were in the group; empty where nobody knows
    CASE WHEN paired.present THEN paired.next_ts ELSE paired.ts END AS until,  -- until when; empty while they are in it
    coalesce(paired.present AND paired.exact, FALSE) AS since_exact,  -- whether they joined then; otherwise they were there by then
    coalesce(CASE WHEN paired.present THEN paired.next_exact ELSE paired.exact END, FALSE) AS until_exact  -- whether they left then; otherwise they were gone by then
FROM paired
JOIN core.account AS account ON account.no = paired.account
JOIN core.address AS chat ON chat.id = paired.chat
JOIN core.address AS member ON member.id = paired.member
WHERE paired.present OR (paired.spell = 1 AND NOT paired.inferred);
