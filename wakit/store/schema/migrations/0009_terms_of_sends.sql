-- When and as what a message is to leave.
ALTER TABLE core.send ADD COLUMN purpose VARCHAR;
ALTER TABLE core.send ADD COLUMN priority INTEGER;
UPDATE core.send SET priority = 0;
ALTER TABLE core.send ADD COLUMN not_before TIMESTAMPTZ;
ALTER TABLE core.send ADD COLUMN not_after TIMESTAMPTZ;
ALTER TABLE core.send ADD COLUMN campaign VARCHAR;
ALTER TABLE core.send ADD COLUMN waiting_for VARCHAR;
