-- Every message as it stands: newest text, when it was edited or taken back. The
-- text of a message that was taken back stays. Inner joins, because each address
-- has a row and DuckDB joins dense integers almost for free only that way.
CREATE OR REPLACE VIEW core.shown_message AS
SELECT
    message.account AS account_no,
    message.seq,
    message.item,
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    sender.shown AS sender,
    sender.name AS sender_name,
    message.message_id,
    message.ts,
    message.from_me,
    message.type,
    coalesce(edit.text, message.text) AS text,
    message.target_id AS quoted_id,
    edit.edited_at,
    revoke.revoked_at,
    message.source,
    message.mentions,
    message.forwarded,
    message.mimetype,
    message.clock_suspect,
    chat.kind = 'group' AS is_group
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

CREATE OR REPLACE VIEW messages AS
SELECT * EXCLUDE (account_no, seq, item) FROM core.shown_message;
