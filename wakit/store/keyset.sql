-- Who claimed each key first: which account's journal entry, and which row of it.
CREATE TABLE claim (
    key BLOB PRIMARY KEY,
    account INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    item INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The last row each account ever claimed: what lies behind the watermark never became a row.
CREATE TABLE reach (
    account INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    item INTEGER NOT NULL
) STRICT;
