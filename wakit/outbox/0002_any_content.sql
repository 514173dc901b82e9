-- A row holds any kind of content, in the JSON form of wakit.outgoing.
DROP VIEW shown;

ALTER TABLE send RENAME COLUMN body TO content;

ALTER TABLE send ADD COLUMN type TEXT NOT NULL DEFAULT 'text';

UPDATE send SET content = json_object('kind', 'text', 'text', content);

-- What may be shown of a send: everything but what it says.
CREATE VIEW shown AS
SELECT id, account, recipient, type, state, message_id, created_at, updated_at, error, no FROM send;
