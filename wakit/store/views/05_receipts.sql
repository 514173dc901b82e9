-- One row for each message, recipient and state, whether the message is here or not.
CREATE OR REPLACE VIEW receipts AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    receipt.message_id,                 -- the message that was received, read or played
    recipient.shown AS recipient,       -- who received it
    recipient.name AS recipient_name,   -- what they are called
    receipt.state,                      -- what happened to it
    receipt.raw_type,                   -- the receipt's type in the words of the library
    receipt.ts                          -- when
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
    max(state) AS state,                -- how far it got
    min(ts) FILTER (WHERE state >= 'delivered') AS delivered_at,  -- when it was on their phone
    min(ts) FILTER (WHERE state >= 'read') AS read_at,  -- when they read it
    min(ts) FILTER (WHERE state = 'played') AS played_at  -- when they played it
FROM receipts
WHERE state <> 'other'
GROUP BY account, chat, message_id, recipient;

-- Each outgoing message and how far it got.
CREATE OR REPLACE VIEW sends AS
SELECT
    account.id AS account,
    send.id,                            -- id of the send, as `wa.send` returned it
    any_value(recipient.shown) AS recipient,  -- who it is for
    any_value(recipient.name) AS recipient_name,
    any_value(send.type) AS type,       -- what kind of message it is
    arg_max(send.state, (send.seq, send.item)) AS state,  -- how far it got
    max(send.message_id) AS message_id,   -- `message_id` of the message, once WhatsApp accepted it
    min(send.created_at) AS created_at,   -- when it was asked for
    max(send.updated_at) AS updated_at,   -- when it last changed
    max_by(send.error, (send.seq, send.item)) AS error,  -- why it failed
    max(send.decided_by) AS decided_by,  -- the person who said of an unknown one that it arrived, or sent it again
    max(send.decided_at) AS decided_at,  -- when they did
    max(send.again_of) AS again_of,     -- the send that a person repeated with this one
    any_value(send.purpose) AS purpose,  -- `transactional` or `marketing`; empty where a person wrote
    any_value(send.priority) AS priority,  -- higher ones leave first
    arg_max_null(send.not_before, (send.seq, send.item)) AS not_before,  -- it leaves at this time or later
    any_value(send.not_after) AS not_after,  -- where it has not left by then, it is cancelled
    any_value(send.campaign) AS campaign,  -- id of the campaign that it belongs to
    arg_max_null(send.waiting_for, (send.seq, send.item)) AS waiting_for  -- why it is held back until `not_before`
FROM core.send AS send
JOIN core.account AS account ON account.no = send.account
JOIN core.address AS recipient ON recipient.id = send.recipient
GROUP BY account.id, send.id;
