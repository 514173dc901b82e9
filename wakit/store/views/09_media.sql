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

-- The files of exports, by the message that they belong to: the import's own, or
-- one that was here. Where several imports know a message, the one that brought
-- the file counts.
CREATE OR REPLACE VIEW core.exported_file AS
SELECT
    found.account,
    found.seq,
    found.item,
    arg_max(found.name, found.rank) AS file_name,
    arg_max(coalesce(found.status, 'failed'), found.rank) AS status,
    arg_max(coalesce(found.reason, CASE WHEN found.status IS NULL THEN 'not in the export' ELSE '' END), found.rank) AS reason,
    max_by(found.size, found.rank) AS size,
    max_by(found.sha256, found.rank) AS sha256
FROM (
    SELECT
        file.*,
        message.account,
        message.seq,
        message.item,
        (coalesce(file.status = 'stored', FALSE), file.status IS NOT NULL, file.import) AS rank
    FROM core.import_file AS file
    JOIN (
        SELECT account, seq, item, import, line FROM core.import_match
        UNION ALL
        SELECT account, -id::BIGINT, file.line, id, file.line
        FROM core.import
        JOIN core.import_file AS file ON file.import = import.id
    ) AS message ON message.import = file.import AND message.line = file.line
) AS found
GROUP BY ALL;

-- What is known of the file of each message that has one. A file is known by its
-- hash: one that a sender announced is here also where an export brought it.
CREATE OR REPLACE VIEW core.known_media AS
SELECT
    media.* EXCLUDE (sha256),
    media.sha256 AS announced_sha256,
    CASE WHEN brought.status = 'stored' THEN brought.status END AS status,
    CASE WHEN brought.status = 'stored' THEN '' END AS reason,
    brought.size AS stored_size,
    brought.sha256 AS stored_sha256
FROM core.media AS media
LEFT JOIN (
    SELECT DISTINCT ON (sha256) sha256, size, status FROM core.import_file WHERE status = 'stored'
) AS brought ON brought.sha256 = media.sha256
UNION ALL BY NAME
SELECT
    file.account,
    file.seq,
    file.item,
    file.file_name,
    file.status,
    file.reason,
    file.size AS stored_size,
    file.sha256 AS stored_sha256
FROM core.exported_file AS file
ANTI JOIN core.media AS media
    ON media.account = file.account AND media.seq = file.seq AND media.item = file.item;

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
    message.source,
    message.mimetype,
    media.file_name,                    -- as the sender says: never put it into a path
    coalesce(CASE WHEN latest.status = 'stored' THEN latest.size END, media.stored_size, media.size) AS size,  -- bytes: of the stored file, otherwise as the sender says
    coalesce(CASE WHEN latest.status = 'stored' THEN latest.sha256 END, media.stored_sha256, media.announced_sha256) AS sha256,  -- hash of the file's bytes, in hexadecimal
    media.seconds,                      -- how long it plays
    media.width,                        -- pixels
    media.height,                       -- pixels
    CASE WHEN media.status = 'stored' THEN media.status ELSE coalesce(latest.status, media.status, 'pending') END AS status,  -- whether the file is here
    nullif(CASE WHEN media.status = 'stored' THEN '' ELSE coalesce(latest.reason, media.reason) END, '') AS reason,  -- why it is not
    coalesce(latest.tries, 0) AS tries,   -- how often it was tried in vain
    'media/' || CASE
        WHEN latest.status = 'stored' THEN left(latest.sha256, 2) || '/' || latest.sha256
        ELSE left(media.stored_sha256, 2) || '/' || media.stored_sha256
    END AS path,  -- where it lies, below `data/` of the workspace; empty where it is not here
    chat.jid AS chat_jid,
    sender.jid AS sender_jid,
    media.announced_sha256
FROM core.known_media AS media
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
