-- What became of the files that came with an export: they lie where those of messages do.
ALTER TABLE core.import_file ADD COLUMN size BIGINT;
ALTER TABLE core.import_file ADD COLUMN sha256 VARCHAR;
ALTER TABLE core.import_file ADD COLUMN status core.media_status;
ALTER TABLE core.import_file ADD COLUMN reason VARCHAR;
