-- One narrow row for each message, for the metrics: persons as numbers, whatever
-- address they wrote from, and no text. Nobody wrote what only the system says, and
-- a message whose clock is not believable belongs to no day.
CREATE OR REPLACE VIEW message_facts AS
SELECT
    account.id AS account,
    chat.person AS chat,                -- number of the chat in `fact_names`
    sender.person AS sender,            -- number of who wrote it, likewise
    epoch_us(message.ts) // 1000000 AS written,  -- when, in whole seconds since 1970 in UTC
    message.from_me,                    -- whether the account wrote it
    message.type::VARCHAR AS type,      -- what it is
    chat.kind = 'group' AS is_group,    -- whether the chat is a group
    automatic.message_id IS NOT NULL AS automatic  -- whether wakit sent it for a purpose, rather than a person
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
LEFT JOIN (
    SELECT DISTINCT account, message_id FROM core.send WHERE purpose IS NOT NULL AND message_id IS NOT NULL
) AS automatic ON automatic.account = message.account AND automatic.message_id = message.message_id AND message.from_me
WHERE NOT message.clock_suspect AND chat.kind NOT IN ('broadcast', 'newsletter');

-- Likewise without who wrote it: a tenth of the work for whoever only counts.
CREATE OR REPLACE VIEW message_kinds AS
SELECT
    account.id AS account,
    chat.person AS chat,                -- number of the chat in `fact_names`
    epoch_us(message.ts) // 1000000 AS written,  -- when, in whole seconds since 1970 in UTC
    message.from_me,                    -- whether the account wrote it
    message.type,                       -- what it is
    chat.kind = 'group' AS is_group     -- whether the chat is a group
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
WHERE NOT message.clock_suspect AND chat.kind NOT IN ('broadcast', 'newsletter');

-- What the numbers in `message_facts` stand for.
CREATE OR REPLACE VIEW fact_names AS
SELECT
    address.id AS key,                  -- number of the person or group
    account.id AS account,
    address.shown AS jid,               -- the address that is shown for it
    address.name                        -- what it is called
FROM core.address AS address
JOIN core.account AS account ON account.no = address.account
WHERE address.id = address.person;

-- Which chats `message_facts` has messages of.
CREATE OR REPLACE VIEW fact_chats AS
SELECT
    account.id AS account,
    hour.chat,                          -- number of the chat in `fact_names`
    hour.is_group                       -- whether the chat is a group
FROM (SELECT DISTINCT account, chat, is_group FROM core.hour) AS hour
JOIN core.account AS account ON account.no = hour.account;

-- Of which time the phone itself told what is in a chat, whoever was listening.
CREATE OR REPLACE VIEW fact_told AS
SELECT
    account.id AS account,
    known.chat,                         -- number of the chat in `fact_names`
    chat.kind = 'group' AS is_group,    -- whether the chat is a group
    known.since,                        -- from when on
    known.until,                        -- until when
    known.source                        -- `history` or `import`
FROM core.known AS known
JOIN core.account AS account ON account.no = known.account
JOIN core.address AS chat ON chat.id = known.chat
WHERE known.source IN ('history', 'import');
