-- How fast accounts send, and why some are stopped.
CREATE TABLE pacing (
    account TEXT PRIMARY KEY,
    elapsed REAL NOT NULL,                  -- seconds on the account's own timeline when this was written
    wall REAL NOT NULL,                     -- Unix seconds at that instant
    tokens REAL NOT NULL,
    counted_at REAL NOT NULL,
    next_at REAL NOT NULL,                  -- when the pause after the last automated message ends
    after_block INTEGER NOT NULL,
    in_block INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Automated messages that left, on the timeline of the account.
CREATE TABLE pacing_spent (
    send TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    at REAL NOT NULL,
    cold INTEGER NOT NULL                   -- to somebody who never wrote
) STRICT, WITHOUT ROWID;

CREATE INDEX pacing_spent_by_time ON pacing_spent (account, at);

CREATE TABLE pacing_stop (
    no INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    why TEXT NOT NULL,
    detail TEXT NOT NULL,
    since REAL NOT NULL,                    -- Unix seconds
    until REAL,                             -- Unix seconds; null: until a person resumes
    since_elapsed REAL NOT NULL,            -- on the timeline of the account
    until_elapsed REAL,
    resumed_at REAL,
    resumed_by TEXT
) STRICT;

CREATE INDEX pacing_stop_by_account ON pacing_stop (account, no);

CREATE INDEX send_by_person ON send (account, priority DESC, no, not_before) WHERE state = 'queued' AND purpose IS NULL;
