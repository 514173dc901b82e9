-- Who answered whom by quoting a message, for the metrics: persons as numbers, as in `message_facts`.
CREATE OR REPLACE VIEW message_quotes AS
SELECT
    account.id AS account,
    chat.person AS chat,                -- number of the chat in `fact_names`
    chat.kind = 'group' AS is_group,    -- whether the chat is a group
    sender.person AS sender,            -- number of who quoted
    quoted.person AS quoted,            -- number of who wrote what was quoted
    epoch_us(message.ts) // 1000000 AS written  -- when, in whole seconds since 1970 in UTC
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
JOIN core.address AS quoted ON quoted.id = message.target_sender
WHERE message.target_sender IS NOT NULL AND NOT message.clock_suspect AND chat.kind NOT IN ('broadcast', 'newsletter');
