-- The runs of notebooks.
CREATE TYPE core.run_state AS ENUM ('running', 'done', 'failed', 'timeout', 'aborted', 'crashed');
CREATE TABLE core.run (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,                -- id of the run
    job VARCHAR NOT NULL,
    key VARCHAR NOT NULL,
    notebook VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    dry_run BOOLEAN NOT NULL,
    state core.run_state NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    error VARCHAR,
    output VARCHAR,
    result VARCHAR NOT NULL,
    resumes VARCHAR,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
