-- A text as two sources of the same message are compared by: without direction
-- marks and names of mentions, with single spaces.
CREATE OR REPLACE MACRO core.plain_text(message) AS trim(regexp_replace(
    regexp_replace(
        regexp_replace(coalesce(message, ''), '@(\x{2068}[^\x{2069}]*\x{2069}|[0-9]{5,})', '@', 'g'),
        '[\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'
    ),
    '\s+', ' ', 'g'
));

-- Each exported chat that was imported.
CREATE OR REPLACE VIEW imports AS
SELECT
    import.id,                          -- number of the import, for `wakit import --undo`
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,             -- what the chat is called
    import.file,                        -- name of the file
    import.format,                      -- how its header lines are written
    import.date_order,                  -- `dmy`, `mdy` or `ymd`
    import.timezone,                    -- in which its times were read
    import.first_ts,                    -- time of its first message
    import.last_ts,                     -- time of its last message
    import.messages,                    -- how many it holds
    import.added,                       -- how many of them were new
    import.merged,                      -- how many were here as live or history
    import.repeated,                    -- how many were here from other imports
    import.imported_at,                 -- when it was imported
    import.undone_at                    -- when it was taken back
FROM core.import AS import
JOIN core.account AS account ON account.no = import.account
JOIN core.address AS chat ON chat.id = import.chat;

-- Which messages an import knows: its own (confidence 1) and those that were here
-- before, with how sure it is that they are the same.
CREATE OR REPLACE VIEW imported_messages AS
SELECT
    import.id AS import_id,             -- `id` in `imports`
    account.id AS account,
    chat.shown AS chat,
    message.message_id,                 -- `message_id` in `messages`
    message.ts,                         -- time of the message here
    message.source,
    found.line,                         -- line of the file
    file.name AS attachment,            -- name of the file that was sent
    found.confidence                    -- how sure it is that line and message are the same; 1 for the import's own
FROM (
    SELECT import, line, account, seq, item, confidence FROM core.import_match
    UNION ALL
    SELECT -seq, item, account, seq, item, 1 FROM core.message WHERE seq < 0
) AS found
JOIN core.import AS import ON import.id = found.import
JOIN core.message AS message
    ON message.account = found.account AND message.seq = found.seq AND message.item = found.item
JOIN core.account AS account ON account.no = import.account
JOIN core.address AS chat ON chat.id = message.chat
LEFT JOIN core.import_file AS file ON file.import = found.import AND file.line = found.line;
