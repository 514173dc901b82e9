-- One row for each message, recipient and state, whether the message is here or not.
CREATE OR REPLACE VIEW receipts AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    receipt.message_id,
    recipient.shown AS recipient,
    recipient.name AS recipient_name,
    receipt.state,
    receipt.raw_type,
    receipt.ts
FROM core.receipt AS receipt
JOIN core.account AS account ON account.no = receipt.account
JOIN core.address AS chat ON chat.id = receipt.chat
JOIN core.address AS recipient ON recipient.id = receipt.recipient;

-- How far each message got with each recipient: a state never goes back, whatever came first.
CREATE OR REPLACE VIEW deliveries AS
SELECT
    account,
    chat,
    message_id,
    recipient,
    any_value(recipient_name) AS recipient_name,
    max(state) AS state,
    min(ts) FILTER (WHERE state >= 'delivered') AS delivered_at,
    min(ts) FILTER (WHERE state >= 'read') AS read_at,
    min(ts) FILTER (WHERE state = 'played') AS played_at
FROM receipts
WHERE state <> 'other'
GROUP BY account, chat, message_id, recipient;

-- Each outgoing message and how far it got.
CREATE OR REPLACE VIEW sends AS
SELECT
    account.id AS account,
    send.id,
    any_value(recipient.shown) AS recipient,
    any_value(recipient.name) AS recipient_name,
    arg_max(send.state, (send.seq, send.item)) AS state,
    max(send.message_id) AS message_id,
    min(send.created_at) AS created_at,
    max(send.updated_at) AS updated_at,
    max_by(send.error, (send.seq, send.item)) AS error
FROM core.send AS send
JOIN core.account AS account ON account.no = send.account
JOIN core.address AS recipient ON recipient.id = send.recipient
GROUP BY account.id, send.id;
