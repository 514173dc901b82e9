-- One plan of a campaign, and how far it got.
CREATE TABLE campaign (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    account TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('transactional', 'marketing')),
    state TEXT NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'done', 'cancelled')),
    template TEXT NOT NULL,                 -- its source
    media TEXT,                             -- JSON form of the file that goes with it
    template_hash TEXT NOT NULL,            -- of both
    digest TEXT NOT NULL,                   -- of the plan
    recipients INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    held_out INTEGER NOT NULL,
    queued INTEGER NOT NULL DEFAULT 0,
    queued_through INTEGER NOT NULL DEFAULT 0, -- row of the plan up to which everything is queued
    hold_out REAL NOT NULL,
    not_before REAL,
    not_after REAL,
    created_at REAL NOT NULL,               -- Unix seconds
    updated_at REAL NOT NULL,
    started_at REAL,
    ended_at REAL,
    changed_by TEXT,
    reason TEXT
) STRICT;

CREATE INDEX campaign_by_name ON campaign (name, no);

-- What a plan says of each row of its audience.
CREATE TABLE campaign_row (
    campaign INTEGER NOT NULL REFERENCES campaign (no) ON DELETE CASCADE,
    row INTEGER NOT NULL,                   -- of the audience, from 1
    person TEXT NOT NULL,                   -- address that stands for the person
    recipient TEXT NOT NULL,                -- address to send to
    name TEXT,
    text TEXT NOT NULL,
    planned REAL,                           -- when it would leave
    excluded TEXT,                          -- why it will not
    detail TEXT NOT NULL,
    PRIMARY KEY (campaign, row)
) STRICT, WITHOUT ROWID;

-- What was said to whom: the row is committed with the message that says it, and never goes away.
CREATE TABLE campaign_said (
    name TEXT NOT NULL,
    template_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    campaign INTEGER NOT NULL,
    send TEXT NOT NULL,
    PRIMARY KEY (name, template_hash, person)
) STRICT, WITHOUT ROWID;

-- How far the messages of a campaign got, and whether any is left.
CREATE INDEX send_of_campaign ON send (campaign, state) WHERE campaign IS NOT NULL;
