-- Who wrote until when in each chat. A turn is one sender's: it ends when somebody
-- else writes, when a person takes over from the machine, and after half an hour of silence.
CREATE OR REPLACE VIEW message_turns AS
SELECT
    account.id AS account,
    turn.chat,                          -- number of the chat in `fact_names`
    turn.is_group,                      -- whether the chat is a group
    turn.from_me,                       -- whether the account wrote it
    turn.automatic,                     -- whether wakit wrote it for a purpose, rather than a person
    turn.sender,                        -- number of who wrote it, likewise
    turn.started,                       -- its first message, in whole seconds since 1970 in UTC
    turn.ended,                         -- its last message, likewise
    turn.messages,                      -- how many it has
    turn.silence_before,                -- seconds since the turn before; empty where there is none
    turn.ours_before,                   -- whether the account wrote that
    turn.sender_before,                 -- number of who wrote that
    turn.silence_after,                 -- seconds to the turn behind it; empty where there is none
    turn.ours_after                     -- whether the account wrote that
FROM core.turn AS turn
JOIN core.account AS account ON account.no = turn.account;

-- From each customer's first unanswered message to the answer, once as bots
-- answer and once as only people do. What nobody has answered yet has no end.
CREATE OR REPLACE VIEW message_waits AS
SELECT
    account.id AS account,
    wait.chat,                          -- number of the chat in `fact_names`
    wait.is_group,                      -- whether the chat is a group
    wait.sender,                        -- number of who waited first
    wait.bots_answer,                   -- in which of the two ways
    wait.since,                         -- the first message that waited, in whole seconds since 1970 in UTC
    wait.latest,                        -- the last one, likewise
    wait.silence_before,                -- seconds since anybody had written; empty at the beginning of a chat
    wait.answered,                      -- the first message of the answer; empty while there is none
    wait.answerer                       -- number of who wrote that
FROM core.wait AS wait
JOIN core.account AS account ON account.no = wait.account;

-- Runs of messages without a silence of more than a day; a late answer belongs to what it answers.
CREATE OR REPLACE VIEW message_conversations AS
SELECT
    account.id AS account,
    conversation.chat,                  -- number of the chat in `fact_names`
    conversation.is_group,              -- whether the chat is a group
    conversation.started,               -- its first message, in whole seconds since 1970 in UTC
    conversation.ended,                 -- its last message, likewise
    conversation.ours_first,            -- whether the account wrote the first one
    conversation.ours_last              -- whether the account wrote the last one
FROM core.conversation AS conversation
JOIN core.account AS account ON account.no = conversation.account;

-- How much was written in each chat and hour.
CREATE OR REPLACE VIEW message_hours AS
SELECT
    account.id AS account,
    hour.chat,                          -- number of the chat in `fact_names`
    hour.is_group,                      -- whether the chat is a group
    hour.hour,                          -- when the hour began, in seconds since 1970 in UTC
    hour.received,                      -- messages of others in it
    hour.sent                           -- messages of the account
FROM core.hour AS hour
JOIN core.account AS account ON account.no = hour.account;
