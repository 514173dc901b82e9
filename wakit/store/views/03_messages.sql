-- Every message as it stands: newest text, when it was edited or taken back. The
-- text of a message that was taken back stays. Inner joins, because each address
-- has a row and DuckDB joins dense integers almost for free only that way.
CREATE OR REPLACE VIEW core.shown_message AS
SELECT
    message.account AS account_no,
    message.seq,
    message.item,
    account.id AS account,              -- id of the account
    chat.shown AS chat,                 -- address of the chat: a person, a group, `status@broadcast`
    chat.name AS chat_name,             -- subject of the group, or what the person is called
    sender.shown AS sender,             -- address of who wrote it
    sender.name AS sender_name,         -- what they are called
    message.message_id,                 -- WhatsApp's id of the message
    message.ts,                         -- when it was written, by the sender's clock
    message.from_me,                    -- whether the account wrote it
    message.type,                       -- what it is
    coalesce(edit.text, message.text) AS text,  -- its newest text, caption or name; a short form of what is no text
    message.target_id AS quoted_id,     -- `message_id` of the message that it answers
    edit.edited_at,                     -- when its author last edited it
    revoke.revoked_at,                  -- when it was deleted for everybody; the text stays
    message.source,                     -- how it came: at once, with the phone's history, from an exported chat
    message.mentions,                   -- addresses that are mentioned in it
    message.forwarded,                  -- whether it was forwarded
    message.mimetype,                   -- of its file
    message.clock_suspect,              -- whether the sender's clock is not believable
    chat.kind = 'group' AS is_group     -- whether the chat is a group
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
LEFT JOIN core.latest_edit AS edit
    ON edit.target_id = message.message_id AND edit.chat = chat.person
    AND edit.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END
LEFT JOIN core.first_revoke AS revoke
    ON revoke.target_id = message.message_id AND revoke.chat = chat.person
    AND revoke.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END;

-- Every message as it stands now.
CREATE OR REPLACE VIEW messages AS
SELECT * EXCLUDE (account_no, seq, item) FROM core.shown_message;
