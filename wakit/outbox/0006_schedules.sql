-- A notebook that the host runs by the clock.
CREATE TABLE schedule (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,                -- part of the keys of its runs; a name can be used again, this cannot
    name TEXT NOT NULL UNIQUE,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    notebook TEXT NOT NULL,
    parameters TEXT NOT NULL,               -- JSON
    send INTEGER NOT NULL,
    misfire TEXT NOT NULL,
    created_at REAL NOT NULL,               -- Unix seconds
    paused_at REAL,
    next_at REAL                            -- the first slot that is not done with; NULL while paused
) STRICT;

-- A slot that came, and what became of it.
CREATE TABLE firing (
    schedule INTEGER NOT NULL,
    slot REAL NOT NULL,
    key TEXT NOT NULL UNIQUE,               -- of the run
    state TEXT NOT NULL,
    starts INTEGER NOT NULL,                -- how often a host began with it: more than once where the host ended meanwhile
    started_at REAL NOT NULL,
    ended_at REAL,
    exit_code INTEGER,
    why TEXT,
    output TEXT,
    PRIMARY KEY (schedule, slot)
) STRICT, WITHOUT ROWID;
