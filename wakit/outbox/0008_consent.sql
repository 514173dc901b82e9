-- What people agreed to and took back: lines are added and never changed.
CREATE TABLE consent (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    person TEXT NOT NULL,                   -- non-device JID; a number in one spelling
    purpose TEXT NOT NULL CHECK (purpose IN ('transactional', 'marketing')),
    state TEXT NOT NULL CHECK (state IN ('in', 'out')),
    at REAL NOT NULL,                       -- Unix seconds: when they said so
    recorded_at REAL NOT NULL,
    channel TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    text TEXT,                              -- the exact words
    evidence TEXT,                          -- id of the message that shows it
    told INTEGER NOT NULL DEFAULT 0         -- whether the journal has it
) STRICT;

CREATE INDEX consent_by_person ON consent (person, purpose, no);
CREATE INDEX consent_untold ON consent (no) WHERE NOT told;
-- A message says a thing once, however often it is read.
CREATE UNIQUE INDEX consent_by_message ON consent (account, evidence, purpose, state) WHERE channel = 'message';

-- Who must get nothing, without saying who it is: it stays when everything else of a person is erased.
CREATE TABLE suppression (
    hash BLOB NOT NULL,                     -- of the address, with the workspace's own key
    purpose TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (hash, purpose)
) STRICT, WITHOUT ROWID;

-- What the key of these hashes makes of nothing: another key would find nobody.
CREATE TABLE suppression_key (proof BLOB NOT NULL) STRICT;

-- When opt-outs were answered: whoever answers by machine gets no endless conversation.
CREATE TABLE consent_reply (
    account TEXT NOT NULL,
    hash BLOB NOT NULL,
    at REAL NOT NULL
) STRICT;

CREATE INDEX consent_reply_by_time ON consent_reply (account, at);

-- How far each journal was searched for people who want out.
CREATE TABLE heard (
    account TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
