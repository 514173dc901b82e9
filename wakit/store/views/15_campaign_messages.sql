-- Each message of a campaign and how far it got, for the metrics: persons as numbers, as in `message_facts`.
CREATE OR REPLACE VIEW campaign_messages AS
SELECT
    account.id AS account,
    send.campaign,                      -- id of the plan
    send.id,                            -- id of the send
    chat.person AS chat,                -- number of who it is for, in `fact_names`
    FALSE AS is_group,                  -- whether that is a group
    send.state::VARCHAR AS state,       -- how far it got
    epoch_us(send.left_at) // 1000000 AS left_at  -- when WhatsApp took it, in whole seconds since 1970 in UTC
FROM (
    SELECT
        account, id, any_value(campaign) AS campaign, any_value(recipient) AS recipient,
        arg_max(state, (seq, item)) AS state, min(updated_at) FILTER (state IN ('sent', 'delivered', 'read')) AS left_at
    FROM core.send
    WHERE campaign IS NOT NULL
    GROUP BY account, id
) AS send
JOIN core.account AS account ON account.no = send.account
JOIN core.address AS chat ON chat.id = send.recipient;

-- When somebody took back what they had agreed to, narrow, for the metrics.
CREATE OR REPLACE VIEW opt_outs AS
SELECT
    account.id AS account,
    person.person AS chat,              -- number of who said it, in `fact_names`
    epoch_us(consent.said_at) // 1000000 AS said  -- when, in whole seconds since 1970 in UTC
FROM core.consent AS consent
JOIN core.account AS account ON account.no = consent.account
JOIN core.address AS person ON person.id = consent.person
WHERE consent.state = 'out';
