-- A receipt of a message that nobody knows may tell of one that was cut off: it says in which chat, and which came first.
CREATE TABLE kept_receipt (
    no INTEGER PRIMARY KEY,                 -- order in which they came
    account TEXT NOT NULL,
    chat TEXT,                              -- non-device JID as it came; null: kept before chats were
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    at REAL NOT NULL,
    UNIQUE (account, message_id, state)
) STRICT;

INSERT INTO kept_receipt (account, message_id, state, at)
SELECT account, message_id, state, at FROM early_receipt ORDER BY at;

DROP TABLE early_receipt;

ALTER TABLE kept_receipt RENAME TO early_receipt;
