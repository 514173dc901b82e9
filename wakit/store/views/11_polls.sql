-- One row for each poll, with what can be chosen.
CREATE OR REPLACE VIEW polls AS
SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    sender.shown AS sender,
    sender.name AS sender_name,
    message.message_id,
    message.ts,
    detail.poll_question AS question,   -- what is asked
    detail.poll_options AS options,     -- what can be chosen, in order
    detail.poll_choices AS choices      -- how many options each person may choose; 0 is any number
FROM core.detail AS detail
JOIN core.message AS message
    ON message.account = detail.account AND message.seq = detail.seq AND message.item = detail.item
JOIN core.account AS account ON account.no = message.account
JOIN core.address AS chat ON chat.id = message.chat
JOIN core.address AS sender ON sender.id = message.sender
WHERE message.type = 'poll';

-- The last vote of each person in each poll. WhatsApp encrypts votes and names options
-- by a hash: a vote is readable where the library knew the poll, and an option where the poll is here.
CREATE OR REPLACE VIEW poll_votes AS
WITH reading AS (
    SELECT
        choice.account,
        chat.person AS chat,
        choice.message_id,
        any_value(choice.chosen) AS chosen,
        any_value(choice.error) AS error
    FROM core.poll_choice AS choice
    JOIN core.address AS chat ON chat.id = choice.chat
    GROUP BY choice.account, chat.person, choice.message_id
),

vote AS (
    SELECT
        change.account,
        change.chat,
        change.chat_shown,
        change.target_id,
        change.sender_shown,
        any_value(change.sender_name) AS sender_name,
        max(change.ts) AS ts,
        arg_max({'chosen': reading.chosen, 'error': reading.error}, (change.ts, change.message_id)) AS said
    FROM core.resolved_change AS change
    LEFT JOIN reading
        ON reading.account = change.account AND reading.chat = change.chat AND reading.message_id = change.message_id
    WHERE change.kind = 'poll_vote'
    GROUP BY change.account, change.chat, change.chat_shown, change.target_id, change.sender_shown
),

chosen AS (
    SELECT
        vote.*,
        poll.poll_question,
        list_filter(poll.poll_options, lambda option: list_contains(vote.said.chosen, sha256(option))) AS options
    FROM vote
    LEFT JOIN (
        SELECT message.account, chat.person AS chat, message.message_id, detail.poll_question, detail.poll_options
        FROM core.detail AS detail
        JOIN core.message AS message
            ON message.account = detail.account AND message.seq = detail.seq AND message.item = detail.item
        JOIN core.address AS chat ON chat.id = message.chat
        WHERE message.type = 'poll'
    ) AS poll
        ON poll.account = vote.account AND poll.chat = vote.chat AND poll.message_id = vote.target_id
)

SELECT
    account.id AS account,
    chosen.chat_shown AS chat,
    chosen.target_id AS poll_id,        -- `message_id` of the poll
    chosen.poll_question AS question,
    chosen.sender_shown AS voter,       -- who voted
    chosen.sender_name AS voter_name,   -- what they are called
    CASE WHEN chosen.said.chosen IS NOT NULL THEN coalesce(chosen.options, []) END AS options,  -- what they chose; an empty list took the vote back
    len(chosen.said.chosen) - len(coalesce(chosen.options, [])) AS unknown_options,  -- how many chosen options the poll, as it is here, does not have
    chosen.said.chosen IS NOT NULL AS readable,  -- whether the vote could be decrypted
    CASE WHEN chosen.said.chosen IS NULL THEN chosen.said.error END AS error,  -- why not
    chosen.ts                           -- when they last voted
FROM chosen
JOIN core.account AS account ON account.no = chosen.account;

-- How many people chose each option of each poll.
CREATE OR REPLACE VIEW poll_results AS
SELECT
    poll.account,
    poll.chat,
    poll.chat_name,
    poll.message_id AS poll_id,         -- `message_id` of the poll
    poll.question,
    poll.option,                        -- one of the options
    poll.place,                         -- its place among them, from 1 on
    count(vote.voter) AS votes          -- how many people chose it
FROM (
    SELECT * EXCLUDE (options), unnest(options) AS option, generate_subscripts(options, 1) AS place FROM polls
) AS poll
LEFT JOIN poll_votes AS vote
    ON vote.account = poll.account AND vote.chat = poll.chat AND vote.poll_id = poll.message_id
    AND list_contains(vote.options, poll.option)
GROUP BY ALL;
