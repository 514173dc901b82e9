-- One outgoing message; the row is committed before anything is called.
CREATE TABLE send (
    no INTEGER PRIMARY KEY,                 -- order of the queue
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    recipient TEXT NOT NULL,                -- non-device JID
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled')
    ),
    message_id TEXT,                        -- the id WhatsApp knows it by
    idempotency_key TEXT UNIQUE,
    body_hash BLOB NOT NULL,                -- of account, recipient and body: what the key stands for
    created_at REAL NOT NULL,               -- Unix seconds
    updated_at REAL NOT NULL,
    error TEXT
) STRICT;

CREATE INDEX send_by_state ON send (state, account, no);
CREATE INDEX send_by_message ON send (account, message_id) WHERE message_id IS NOT NULL;

-- What may be shown of a send: everything but its text.
CREATE VIEW shown AS
SELECT id, account, recipient, state, message_id, created_at, updated_at, error, no FROM send;

-- A receipt can overtake the answer that tells the message's id; it waits here for it.
CREATE TABLE early_receipt (
    account TEXT NOT NULL,
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (account, message_id, state)
) STRICT, WITHOUT ROWID;
