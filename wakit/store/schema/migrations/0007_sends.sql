-- What kind of message a send is, and what people decided of those that nobody knew of.
ALTER TABLE core.send ADD COLUMN type VARCHAR;
UPDATE core.send SET type = 'text';
ALTER TABLE core.send ADD COLUMN decided_by VARCHAR;
ALTER TABLE core.send ADD COLUMN decided_at TIMESTAMPTZ;
ALTER TABLE core.send ADD COLUMN again_of VARCHAR;
