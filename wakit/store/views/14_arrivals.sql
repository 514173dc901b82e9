-- Messages of the account of which receipts can be known: those that were seen as they left. None come with a phone's history or an export.
CREATE OR REPLACE VIEW own_messages AS
SELECT
    account.id AS account,
    chat.person AS chat,                -- number of the chat in `fact_names`
    chat.kind = 'group' AS is_group,    -- whether the chat is a group
    message.message_id,                 -- WhatsApp's id of the message
    epoch_us(message.ts) // 1000000 AS written  -- when, in whole seconds since 1970 in UTC
FROM core.message AS message
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
WHERE message.from_me AND message.source = 'live' AND message.type NOT IN ('system', 'call') AND NOT message.clock_suspect
    AND NOT chat.own AND chat.kind NOT IN ('broadcast', 'newsletter');

-- Each receipt of a phone of somebody else, narrow, for the metrics.
CREATE OR REPLACE VIEW message_arrivals AS
SELECT
    account.id AS account,
    receipt.message_id,                 -- the message that arrived
    epoch_us(receipt.ts) // 1000000 AS arrived,  -- when, in whole seconds since 1970 in UTC
    receipt.state >= 'read' AS is_read  -- whether it was read or played by then, rather than delivered
FROM core.receipt AS receipt
JOIN core.account AS account ON account.no = receipt.account
JOIN core.address AS recipient ON recipient.id = receipt.recipient
WHERE receipt.state IN ('delivered', 'read', 'played') AND NOT recipient.own;
