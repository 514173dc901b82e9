-- Changes with their people resolved. `author` is who must have written the
-- message that is meant: the one who changes it, but for a group's revoke, which
-- an administrator may send and which names the author. 0 is the account itself,
-- under whichever of its addresses.
CREATE OR REPLACE VIEW core.resolved_change AS
SELECT
    change.account,
    change.kind,
    chat.person AS chat,
    chat.shown AS chat_shown,
    sender.shown AS sender_shown,
    sender.name AS sender_name,
    CASE
        WHEN change.kind = 'revoke' AND chat.kind = 'group' AND target.own THEN 0
        WHEN change.kind = 'revoke' AND chat.kind = 'group' AND target.person IS NOT NULL THEN target.person
        WHEN change.from_me THEN 0
        ELSE sender.person
    END AS author,
    change.message_id,
    change.target_id,
    change.ts,
    change.from_me,
    change.text
FROM core.change AS change
JOIN core.address AS chat ON chat.id = change.chat
JOIN core.address AS sender ON sender.id = change.sender
LEFT JOIN core.address AS target ON target.id = change.target_sender;

-- The newest edit of each message; (ts, message_id) decides the same way in any order of arrival.
CREATE OR REPLACE VIEW core.latest_edit AS
SELECT chat, target_id, author, arg_max(text, (ts, message_id)) AS text, max(ts) AS edited_at
FROM core.resolved_change
WHERE kind = 'edit'
GROUP BY chat, target_id, author;

CREATE OR REPLACE VIEW core.first_revoke AS
SELECT chat, target_id, author, min(ts) AS revoked_at
FROM core.resolved_change
WHERE kind = 'revoke'
GROUP BY chat, target_id, author;

-- Everything that was said about a message later, as it came.
CREATE OR REPLACE VIEW changes AS
SELECT
    account.id AS account,
    change.kind,                        -- what it does to the message
    change.chat_shown AS chat,          -- address of the chat
    change.sender_shown AS sender,      -- address of who wrote it
    change.message_id,                  -- WhatsApp's id of the message
    change.target_id,                   -- `message_id` of the message that is meant
    change.ts,                          -- when it was written, by the sender's clock
    change.from_me,                     -- whether the account wrote it
    change.text                         -- the new text, the reaction
FROM core.resolved_change AS change
JOIN core.account AS account ON account.no = change.account;

-- What each person last put under a message; an empty reaction takes it back.
CREATE OR REPLACE VIEW reactions AS
SELECT
    account.id AS account,
    change.chat_shown AS chat,
    change.target_id AS message_id,     -- the message that is reacted to
    change.sender_shown AS sender,      -- who reacts
    any_value(change.sender_name) AS sender_name,  -- what they are called
    arg_max(coalesce(change.text, ''), (change.ts, change.message_id)) AS reaction,  -- what they last put under it
    max(change.ts) AS ts                -- when
FROM core.resolved_change AS change
JOIN core.account AS account ON account.no = change.account
WHERE change.kind = 'reaction'
GROUP BY account.id, change.chat_shown, change.target_id, change.sender_shown
HAVING arg_max(coalesce(change.text, ''), (change.ts, change.message_id)) <> '';
