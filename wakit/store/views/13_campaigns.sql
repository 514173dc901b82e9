-- Each plan of a campaign and how far it got; `sends` has its messages under its id in `campaign`.
CREATE OR REPLACE VIEW campaigns AS
SELECT
    account.id AS account,
    campaign.id,                        -- id of the plan; one campaign may be planned again
    any_value(campaign.name) AS name,   -- what is never said twice to a person under this name
    any_value(campaign.purpose) AS purpose,  -- `marketing` or `transactional`
    arg_max(campaign.state, (campaign.seq, campaign.item)) AS state,  -- `draft`, `running`, `paused`, `done`, `cancelled`
    arg_max(campaign.recipients, (campaign.seq, campaign.item)) AS recipients,  -- how many get it
    arg_max(campaign.excluded, (campaign.seq, campaign.item)) AS excluded,  -- how many of the audience do not
    any_value(campaign.held_out) AS held_out,  -- how many of those are kept back, to compare with
    arg_max(campaign.queued, (campaign.seq, campaign.item)) AS queued,  -- how many are or were in the queue
    any_value(campaign.template_hash) AS template_hash,  -- what its words and its file are known by
    any_value(campaign.hold_out) AS hold_out,  -- share of the persons that is kept back
    any_value(campaign.not_before) AS not_before,  -- nothing leaves before
    any_value(campaign.not_after) AS not_after,  -- nothing leaves after
    min(campaign.created_at) AS created_at,  -- when it was planned
    max(campaign.updated_at) AS updated_at,  -- when it last changed
    min(campaign.started_at) AS started_at,  -- when somebody confirmed it
    max(campaign.ended_at) AS ended_at,  -- when everything had left, or it was cancelled
    max_by(campaign.changed_by, (campaign.seq, campaign.item)) AS changed_by,  -- who changed it last
    max_by(campaign.reason, (campaign.seq, campaign.item)) AS reason  -- why, where they said so
FROM core.campaign AS campaign
JOIN core.account AS account ON account.no = campaign.account
GROUP BY account.id, campaign.id;
