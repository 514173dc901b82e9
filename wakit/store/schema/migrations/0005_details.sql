-- Details of messages, members of groups, calls, and poll votes that could be read.

CREATE TYPE core.call_state AS ENUM ('offered', 'ended', 'missed', 'failed', 'rejected', 'answered');

CREATE TYPE core.group_change_kind AS ENUM (
    'member', 'admin', 'join', 'leave', 'promote', 'demote', 'subject', 'topic'
);

-- What only some messages have beside their text: at most one row for a message,
-- (account, seq, item) is the message's own.
CREATE TABLE core.detail (
    account USMALLINT NOT NULL,
    expires_after BIGINT,               -- seconds after which it disappears from the phones
    view_once BOOLEAN NOT NULL,
    quoted_text VARCHAR,                -- of the message it answers, as the answer repeats it
    latitude DOUBLE,
    longitude DOUBLE,
    place_name VARCHAR,
    place_address VARCHAR,
    cards STRUCT(name VARCHAR, phones VARCHAR[])[],
    poll_question VARCHAR,
    poll_options VARCHAR[],
    poll_choices BIGINT,                -- how many each person may choose; 0 is any number
    item_id VARCHAR,                    -- of an order or a product
    item_title VARCHAR,
    item_count BIGINT,
    price DOUBLE,                       -- of everything together
    currency VARCHAR,                   -- ISO 4217
    call_outcome core.call_state,
    call_seconds BIGINT,
    call_video BOOLEAN,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What was told of groups: members by list, who came and went, new roles and
-- subjects. The same may be told twice; views make memberships of it.
CREATE TABLE core.group_change (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id of the group
    kind core.group_change_kind NOT NULL,
    member INTEGER,                     -- core.address.id
    author INTEGER,                     -- core.address.id
    text VARCHAR,                       -- new subject or description
    ts TIMESTAMPTZ NOT NULL,
    source core.source NOT NULL,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What became of calls, and the phone's log of those before.
CREATE TABLE core.call_event (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    caller INTEGER NOT NULL,            -- core.address.id
    call_id VARCHAR NOT NULL,
    state core.call_state NOT NULL,
    reason VARCHAR,                     -- in the words of the library
    video BOOLEAN,
    seconds BIGINT,                     -- how long people talked
    ts TIMESTAMPTZ NOT NULL,
    source core.source NOT NULL,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What encrypted poll votes say, or why that is not known; the votes are rows of core.change.
CREATE TABLE core.poll_choice (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    message_id VARCHAR NOT NULL,        -- of the vote
    chosen VARCHAR[],                   -- SHA-256 of each option's text, in hexadecimal
    error VARCHAR,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
