-- Who claimed each key first: which account's journal entry, and which row of it.

-- New claims are written one behind the other: that touches few pages.
CREATE TABLE fresh (
    key BLOB NOT NULL,
    account INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    item INTEGER NOT NULL
) STRICT;

-- Older claims, a tree by key within each segment.
CREATE TABLE claim (
    segment INTEGER NOT NULL,
    key BLOB NOT NULL,
    account INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    item INTEGER NOT NULL,
    PRIMARY KEY (segment, key)
) STRICT, WITHOUT ROWID;

-- How many keys a segment holds, and which ones it surely does not.
CREATE TABLE segment (
    no INTEGER PRIMARY KEY,
    keys INTEGER NOT NULL,
    bloom BLOB NOT NULL
) STRICT;

-- The last row each account ever claimed: what lies behind the watermark never became a row.
CREATE TABLE reach (
    account INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL,
    item INTEGER NOT NULL
) STRICT;
