-- One row for each call: how it was offered, and what became of it as far as anybody told.
CREATE OR REPLACE VIEW calls AS
WITH told AS (
    SELECT
        message.account,
        message.message_id AS call_id,
        message.chat,
        message.sender AS caller,
        message.from_me,
        message.ts,
        coalesce(detail.call_outcome, 'offered'::core.call_state) AS state,
        NULL AS reason,
        detail.call_video AS video,
        detail.call_seconds AS seconds,
        message.source
    FROM core.message AS message
    LEFT JOIN core.detail AS detail
        ON detail.account = message.account AND detail.seq = message.seq AND detail.item = message.item
    WHERE message.type = 'call'
    UNION ALL
    SELECT event.account, call_id, chat, caller, caller.own, ts, state, reason, video, seconds, source
    FROM core.call_event AS event
    JOIN core.address AS caller ON caller.id = event.caller
),

folded AS (
    SELECT
        account,
        call_id,
        arg_min(chat, ts) AS chat,
        arg_min(caller, ts) AS caller,
        bool_or(from_me) AS from_me,
        min(ts) AS ts,
        max(state) AS outcome,
        min(ts) FILTER (WHERE state = 'answered' AND source = 'live') AS answered_at,
        max(ts) FILTER (WHERE state IN ('ended', 'missed', 'failed', 'rejected') AND source = 'live') AS ended_at,
        max(reason) AS reason,
        bool_or(video) AS video,
        max(seconds) AS seconds,
        min(source) AS source
    FROM told
    GROUP BY account, call_id
)

SELECT
    account.id AS account,
    chat.shown AS chat,
    chat.name AS chat_name,
    caller.shown AS caller,             -- who called
    caller.name AS caller_name,         -- what they are called
    folded.call_id,                     -- also the `message_id` of its row in `messages`, where there is one
    folded.ts,                          -- when it began
    folded.from_me,                     -- whether the account called
    folded.video,                       -- whether it was a video call; empty where that is not known
    folded.outcome,                     -- `answered`, `rejected`, `failed`, `missed`; `ended` and `offered` where nothing said how it went on
    folded.answered_at,                 -- when somebody picked up, where that was heard
    folded.ended_at,                    -- when it ended, where that was heard
    coalesce(
        folded.seconds,
        CASE WHEN folded.ended_at > folded.answered_at THEN epoch(folded.ended_at - folded.answered_at)::BIGINT END
    ) AS seconds,                       -- how long people talked, where that is known
    folded.reason,                      -- how it ended, in the words of the library
    folded.source
FROM folded
JOIN core.account AS account ON account.no = folded.account
JOIN core.address AS chat ON chat.id = folded.chat
JOIN core.address AS caller ON caller.id = folded.caller;
