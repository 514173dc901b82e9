-- What people agreed to and took back.
CREATE TABLE core.consent (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,                -- of the line
    person INTEGER NOT NULL,            -- core.address.id
    purpose VARCHAR NOT NULL,           -- `transactional` or `marketing`
    state VARCHAR NOT NULL,             -- `in` or `out`
    said_at TIMESTAMPTZ NOT NULL,       -- when they said so
    recorded_at TIMESTAMPTZ NOT NULL,   -- when it was written down
    channel VARCHAR NOT NULL,           -- how they said it
    recorded_by VARCHAR NOT NULL,       -- who wrote it down
    text VARCHAR,                       -- their exact words, or those that they agreed to
    evidence VARCHAR,                   -- id of the message that shows it
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
