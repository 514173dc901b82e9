-- What only some messages have beside their text; a message without any of it has no row.
CREATE OR REPLACE VIEW message_details AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    sender.shown AS sender,
    sender.name AS sender_name,
    message.message_id,
    message.ts,
    message.type,
    message.ts + to_seconds(detail.expires_after) AS expires_at,  -- when it disappears from the phones; here it stays
    detail.view_once,                   -- whether it could be opened once only
    detail.quoted_text,                 -- what the message it answers said, as the answer repeats it
    detail.latitude,                    -- degrees north
    detail.longitude,                   -- degrees east
    detail.place_name,                  -- name of the place
    detail.place_address,               -- address of the place
    detail.cards,                       -- contact cards that were sent: name and phone numbers of each
    detail.poll_question,               -- question of a poll; its options and votes are in `polls` and `poll_votes`
    detail.item_id,                     -- id of an order or a product
    detail.item_title,                  -- what it is called
    detail.item_count,                  -- how many articles the order has
    detail.price,                       -- of everything together
    detail.currency                     -- of the price, ISO 4217
FROM core.detail AS detail
JOIN core.message AS message
    ON message.account = detail.account AND message.seq = detail.seq AND message.item = detail.item
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender;
