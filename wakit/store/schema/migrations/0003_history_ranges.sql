-- How far a phone's history goes back in each chat: one row for each part that it sent.
CREATE TABLE core.history (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id, as it came
    since TIMESTAMPTZ NOT NULL,         -- the oldest message
    until TIMESTAMPTZ NOT NULL,         -- when the phone told it
    messages INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
