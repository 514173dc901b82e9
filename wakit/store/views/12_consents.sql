-- What people agreed to and took back, each line of the ledger once. Whether somebody may be written to now, only the
-- ledger itself knows: `wa.consents`.
CREATE OR REPLACE VIEW consents AS
SELECT
    account.id AS account,
    consent.id,                         -- id of the line
    any_value(person.shown) AS person,  -- who said it
    any_value(person.name) AS person_name,  -- what they are called
    any_value(consent.purpose) AS purpose,  -- what for: `transactional` or `marketing`
    any_value(consent.state) AS state,  -- `in` where they agreed, `out` where they took it back
    min(consent.said_at) AS said_at,    -- when they said so
    min(consent.recorded_at) AS recorded_at,  -- when it was written down
    any_value(consent.channel) AS channel,  -- how they said it: `message` is in their own chat
    any_value(consent.recorded_by) AS recorded_by,  -- who wrote it down
    any_value(consent.text) AS text,    -- their exact words, or those that they agreed to
    any_value(consent.evidence) AS evidence  -- id of the message that shows it
FROM core.consent AS consent
JOIN core.account AS account ON account.no = consent.account
JOIN core.address AS person ON person.id = consent.person
GROUP BY account.id, consent.id;
