-- When and as what a message leaves.
DROP TABLE IF EXISTS dead;

DROP TABLE IF EXISTS webhook;

ALTER TABLE send ADD COLUMN purpose TEXT CHECK (purpose IN ('transactional', 'marketing')); -- null: a person writes

ALTER TABLE send ADD COLUMN priority INTEGER NOT NULL DEFAULT 0; -- higher ones leave first

ALTER TABLE send ADD COLUMN not_before REAL NOT NULL DEFAULT 0;

ALTER TABLE send ADD COLUMN not_after REAL;

ALTER TABLE send ADD COLUMN campaign TEXT; -- id of the campaign that it belongs to

ALTER TABLE send ADD COLUMN waiting_for TEXT; -- why a gate lets it wait until not_before

CREATE INDEX send_in_order ON send (account, priority DESC, no, not_before) WHERE state = 'queued';

CREATE INDEX send_by_due ON send (account, not_before) WHERE state = 'queued';

CREATE INDEX send_by_end ON send (account, not_after) WHERE state = 'queued' AND not_after IS NOT NULL;

CREATE INDEX send_by_campaign ON send (campaign, no) WHERE campaign IS NOT NULL;

DROP VIEW shown;

-- What may be shown of a send: everything but what it says.
CREATE VIEW shown AS
SELECT
    id, account, recipient, type, state, message_id, created_at, updated_at, error, decided_by, decided_at, again_of,
    purpose, priority, not_before, not_after, campaign, waiting_for, no
FROM send;
