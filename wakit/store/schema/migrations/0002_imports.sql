-- Imports of exported chats. Their messages are rows of core.message with the
-- number of the import, negated, as journal entry and the line of the file as item.

CREATE TABLE core.import (
    id INTEGER NOT NULL,
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    file VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,            -- of the text, whatever file it came in
    format VARCHAR NOT NULL,            -- how its header lines are written
    date_order VARCHAR NOT NULL,
    timezone VARCHAR NOT NULL,
    first_ts TIMESTAMPTZ NOT NULL,
    last_ts TIMESTAMPTZ NOT NULL,
    messages INTEGER NOT NULL,
    added INTEGER NOT NULL,
    merged INTEGER NOT NULL,            -- were here as live or history
    repeated INTEGER NOT NULL,          -- were here from other imports
    seen BIGINT NOT NULL,               -- journal entries through this one were compared with
    imported_at TIMESTAMPTZ NOT NULL,
    undone_at TIMESTAMPTZ
);

-- Lines of an import that were here before, and how sure that is.
CREATE TABLE core.import_match (
    import INTEGER NOT NULL,
    line INTEGER NOT NULL,
    account USMALLINT NOT NULL,
    seq BIGINT NOT NULL,                -- the row of core.message
    item INTEGER NOT NULL,
    confidence FLOAT NOT NULL
);

-- Names of the files that were sent, line by line.
CREATE TABLE core.import_file (
    import INTEGER NOT NULL,
    line INTEGER NOT NULL,
    name VARCHAR NOT NULL
);
