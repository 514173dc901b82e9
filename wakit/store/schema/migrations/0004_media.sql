-- Files of messages: what their senders announced, and what became of them.
CREATE TYPE core.media_status AS ENUM ('pending', 'stored', 'too_large', 'refused', 'expired', 'failed');

-- Belongs to the row of core.message with the same account, seq and item. Keys are not here.
CREATE TABLE core.media (
    account USMALLINT NOT NULL,
    size BIGINT,
    sha256 VARCHAR,
    file_name VARCHAR,                  -- never a path
    seconds BIGINT,
    width BIGINT,
    height BIGINT,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Each attempt and its end; the last row of a message says how it stands.
CREATE TABLE core.media_state (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    sender INTEGER NOT NULL,            -- core.address.id
    from_me BOOLEAN NOT NULL,
    message_id VARCHAR NOT NULL,
    status core.media_status NOT NULL,
    ts TIMESTAMPTZ NOT NULL,
    tries INTEGER NOT NULL,
    size BIGINT,
    sha256 VARCHAR,                     -- the name of the stored file
    reason VARCHAR,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
