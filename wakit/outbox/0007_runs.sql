CREATE TABLE run (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    job TEXT NOT NULL,
    key TEXT NOT NULL,
    notebook TEXT NOT NULL,
    parameters TEXT NOT NULL,
    dry_run INTEGER NOT NULL,
    state TEXT NOT NULL,
    started_at REAL NOT NULL,
    ended_at REAL,
    error TEXT,
    output TEXT,
    result TEXT NOT NULL DEFAULT '{}',
    resumes TEXT
);
CREATE INDEX run_by_key ON run (job, key, dry_run);
CREATE UNIQUE INDEX run_alone ON run (job) WHERE state = 'running';
