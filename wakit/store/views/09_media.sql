-- What last became of the file of each message.
CREATE OR REPLACE VIEW core.latest_media AS
SELECT
    chat.person AS chat,
    CASE WHEN state.from_me THEN 0 ELSE sender.person END AS author,
    state.message_id,
    arg_max(state.status, (state.seq, state.item)) AS status,
    arg_max(state.tries, (state.seq, state.item)) AS tries,
    max_by(state.size, (state.seq, state.item)) AS size,
    max_by(state.sha256, (state.seq, state.item)) AS sha256,
    arg_max(coalesce(state.reason, ''), (state.seq, state.item)) AS reason
FROM core.media_state AS state
JOIN core.address AS chat ON chat.id = state.chat
JOIN core.address AS sender ON sender.id = state.sender
GROUP BY ALL;

CREATE OR REPLACE VIEW core.shown_media AS
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
    message.mimetype,
    media.file_name,                    -- as the sender says: never put it into a path
    coalesce(CASE WHEN latest.status = 'stored' THEN latest.size END, media.size) AS size,  -- bytes: of the stored file, otherwise as the sender says
    coalesce(CASE WHEN latest.status = 'stored' THEN latest.sha256 END, media.sha256) AS sha256,  -- hash of the file's bytes, in hexadecimal
    media.seconds,                      -- how long it plays
    media.width,                        -- pixels
    media.height,                       -- pixels
    coalesce(latest.status, 'pending') AS status,  -- whether the file is here
    nullif(latest.reason, '') AS reason,  -- why it is not
    coalesce(latest.tries, 0) AS tries,   -- how often it was tried in vain
    CASE WHEN latest.status = 'stored' THEN 'media/' || left(latest.sha256, 2) || '/' || latest.sha256 END AS path,  -- where it lies, below `data/` of the workspace; empty where it is not here
    chat.jid AS chat_jid,
    sender.jid AS sender_jid,
    media.sha256 AS announced_sha256
FROM core.media AS media
JOIN core.message AS message
    ON message.account = media.account AND message.seq = media.seq AND message.item = media.item
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
LEFT JOIN core.latest_media AS latest
    ON latest.message_id = message.message_id AND latest.chat = chat.person
    AND latest.author = CASE WHEN message.from_me THEN 0 ELSE sender.person END;

-- The file of each message that has one: what its sender says of it, and whether it is here.
-- `path` is below the folder data/ of the workspace.
CREATE OR REPLACE VIEW media AS
SELECT * EXCLUDE (account_no, seq, item, chat_jid, sender_jid, announced_sha256) FROM core.shown_media;
