-- What people decided of messages that nobody knew of.
ALTER TABLE send ADD COLUMN decided_by TEXT;

ALTER TABLE send ADD COLUMN decided_at REAL;

ALTER TABLE send ADD COLUMN again_of TEXT; -- id of the send that this one repeats

DROP VIEW shown;

-- What may be shown of a send: everything but what it says.
CREATE VIEW shown AS
SELECT
    id, account, recipient, type, state, message_id, created_at, updated_at, error, decided_by, decided_at, again_of, no
FROM send;
