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
    chat.shown AS chat,
    chat.name,
    chat.kind = 'group' AS is_group,
    sum(counted.messages)::BIGINT AS messages,
    sum(counted.received)::BIGINT AS received,
    min(counted.first_ts) AS first_ts,
    max(counted.last_ts) AS last_ts
FROM counted
JOIN core.address AS chat ON chat.id = counted.chat
JOIN core.account AS account ON account.no = chat.account
GROUP BY account.id, chat.person, chat.shown, chat.name, chat.kind = 'group';

-- Messages of each chat and day, in the time zone of the account.
CREATE OR REPLACE VIEW chat_activity AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    (message.ts AT TIME ZONE account.timezone)::DATE AS day,
    count(*) FILTER (WHERE NOT message.from_me) AS received,
    count(*) FILTER (WHERE message.from_me) AS sent
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
GROUP BY account.id, chat.person, chat.shown, chat.name, day;
