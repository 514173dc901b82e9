-- One address that events are posted to, and how far that got.
CREATE TABLE webhook (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,                   -- key of the signatures
    account TEXT,                           -- only its events
    kinds TEXT NOT NULL,                    -- only these, comma-separated; empty means all
    cursor TEXT NOT NULL,                   -- everything up to here was taken or given up on
    created_at REAL NOT NULL,               -- Unix seconds
    delivered_at REAL,
    failing_since REAL,
    error TEXT
) STRICT;

-- What a receiver refused until it was given up on; the event itself is in the journal.
CREATE TABLE dead (
    webhook INTEGER NOT NULL REFERENCES webhook (no) ON DELETE CASCADE,
    event TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    at REAL NOT NULL,
    again INTEGER NOT NULL DEFAULT 0,       -- somebody asked to send it again
    PRIMARY KEY (webhook, event)
) STRICT, WITHOUT ROWID;
