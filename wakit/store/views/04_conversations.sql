-- One row for each chat: those with messages, and those that only have a name so far.
CREATE OR REPLACE VIEW conversations AS
WITH counted AS (
    SELECT
        chat,
        count(*) AS messages,
        count(*) FILTER (WHERE NOT from_me) AS received,
        min(ts) AS first_ts,
        max(ts) AS last_ts
    FROM core.message
    GROUP BY chat
    UNION ALL
    SELECT id, 0, 0, NULL, NULL FROM core.address
    WHERE (kind = 'group' OR title IS NOT NULL) AND jid NOT LIKE 'export-%'  -- a name of an import that was undone
)

SELECT
    account.id AS account,
    chat.shown AS chat,                 -- address of the chat
    chat.name,                          -- subject of the group, or what the person is called
    chat.kind = 'group' AS is_group,    -- whether it is a group
    sum(counted.messages)::BIGINT AS messages,  -- how many there are
    sum(counted.received)::BIGINT AS received,  -- how many of them others wrote
    min(counted.first_ts) AS first_ts,  -- when the oldest one was written
    max(counted.last_ts) AS last_ts     -- when the newest one was written
FROM counted
JOIN core.address AS chat ON chat.id = counted.chat
JOIN core.account AS account ON account.no = chat.account
GROUP BY account.id, chat.person, chat.shown, chat.name, chat.kind = 'group';

-- Messages of each chat and day, in the time zone of the account.
CREATE OR REPLACE VIEW chat_activity AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,             -- subject of the group, or what the person is called
    (message.ts AT TIME ZONE account.timezone)::DATE AS day,  -- a day in the account's time zone
    count(*) FILTER (WHERE NOT message.from_me) AS received,  -- messages of others
    count(*) FILTER (WHERE message.from_me) AS sent  -- messages of the account
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
GROUP BY account.id, chat.person, chat.shown, chat.name, day;
