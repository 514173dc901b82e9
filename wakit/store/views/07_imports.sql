-- A text as two sources of the same message are compared by: without direction
-- marks and names of mentions, with single spaces.
CREATE OR REPLACE MACRO core.plain_text(message) AS trim(regexp_replace(
    regexp_replace(
        regexp_replace(coalesce(message, ''), '@(\x{2068}[^\x{2069}]*\x{2069}|[0-9]{5,})', '@', 'g'),
        '[\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}]', '', 'g'
    ),
    '\s+', ' ', 'g'
));

CREATE OR REPLACE VIEW imports AS
SELECT
    import.id,
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    import.file,
    import.format,
    import.date_order,
    import.timezone,
    import.first_ts,
    import.last_ts,
    import.messages,
    import.added,
    import.merged,
    import.repeated,
    import.imported_at,
    import.undone_at
FROM core.import AS import
JOIN core.account AS account ON account.no = import.account
JOIN core.address AS chat ON chat.id = import.chat;

-- Which messages an import knows: its own (confidence 1) and those that were here
-- before, with how sure it is that they are the same.
CREATE OR REPLACE VIEW imported_messages AS
SELECT
    import.id AS import_id,
    account.id AS account,
    chat.shown AS chat,
    message.message_id,
    message.ts,
    message.source,
    found.line,
    file.name AS attachment,
    found.confidence
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
