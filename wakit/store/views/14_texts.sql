-- What messages say, for the metrics about words: texts and captions as they stand now, without what was deleted. Persons as numbers,
-- as in `message_facts`.
CREATE OR REPLACE VIEW message_texts AS
SELECT
    account.id AS account,
    message.seq AS number,              -- journal entry that it comes from
    message.item,                       -- which message of that entry
    chat.person AS chat,                -- number of the chat in `fact_names`
    chat.kind = 'group' AS is_group,    -- whether the chat is a group
    sender.person AS sender,            -- number of who wrote it
    epoch_us(message.ts) // 1000000 AS written,  -- when, in whole seconds since 1970 in UTC
    message.from_me,                    -- whether the account wrote it
    coalesce(edit.text, message.text) AS text  -- its newest text or caption
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
LEFT JOIN core.latest_edit AS edit
    ON edit.target_id = message.message_id AND edit.chat = chat.person
    AND edit.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END
LEFT JOIN core.first_revoke AS revoke
    ON revoke.target_id = message.message_id AND revoke.chat = chat.person
    AND revoke.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END
WHERE message.type IN ('text', 'image', 'video') AND message.text IS NOT NULL AND revoke.target_id IS NULL
    AND NOT message.clock_suspect AND chat.kind NOT IN ('broadcast', 'newsletter');
