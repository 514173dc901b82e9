-- The tables of wakit.duckdb as all migrations leave them; a test compares.
--
-- Rows are only ever appended, but for the few small tables that say so. There
-- is no PRIMARY KEY and no ON CONFLICT: at 10 million rows they cost two orders
-- of magnitude; uniqueness is the work of the key set beside this file.
-- (seq, item) says where a row comes from: journal entry, and which row of it.

CREATE SCHEMA core;

CREATE TYPE core.address_kind AS ENUM ('phone', 'lid', 'group', 'broadcast', 'newsletter', 'other');

CREATE TYPE core.message_type AS ENUM (
    'text', 'image', 'video', 'audio', 'voice', 'document', 'sticker', 'location', 'contact', 'poll',
    'order', 'product', 'call', 'system', 'undecryptable', 'other'
);

CREATE TYPE core.change_kind AS ENUM ('edit', 'revoke', 'reaction', 'poll_vote');

CREATE TYPE core.source AS ENUM ('live', 'history', 'import');

CREATE TYPE core.receipt_state AS ENUM ('sent', 'delivered', 'read', 'played', 'other');

CREATE TYPE core.send_state AS ENUM ('queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'cancelled');

CREATE TYPE core.media_status AS ENUM ('pending', 'stored', 'too_large', 'refused', 'expired', 'failed');

CREATE TYPE core.call_state AS ENUM ('offered', 'ended', 'missed', 'failed', 'rejected', 'answered');

CREATE TYPE core.group_change_kind AS ENUM (
    'member', 'admin', 'join', 'leave', 'promote', 'demote', 'subject', 'topic'
);

-- Which migrations this file has seen.
CREATE TABLE core.migration (
    number INTEGER NOT NULL,            -- its number, and the beginning of its file's name
    name VARCHAR NOT NULL,              -- the rest of it
    applied_at TIMESTAMPTZ NOT NULL     -- when
);

-- Small, updated in place: what is last known of each linked number.
CREATE TABLE core.account (
    no USMALLINT NOT NULL,              -- number of the account in all tables
    id VARCHAR NOT NULL,                -- as people name it
    network VARCHAR,                    -- `whatsapp`, or the emulated network it lives on
    phone VARCHAR,                      -- E.164
    push_name VARCHAR,                  -- the name that the phone gave itself
    timezone VARCHAR NOT NULL           -- in which days and hours are counted
);

-- How far each journal was moved, committed with the rows themselves.
-- Everything up to seq is here, and the first `part` rows of entry part_seq.
CREATE TABLE core.watermark (
    account USMALLINT NOT NULL,         -- core.account.no
    seq BIGINT NOT NULL,                -- last journal entry that was moved completely
    part_seq BIGINT NOT NULL,           -- the entry that is being moved
    part BIGINT NOT NULL                -- how many of its rows were
);

-- Every address that was ever seen, one row each, with what is to be shown for
-- it: queries need one join for each role and none to find the person. Small,
-- updated in place.
CREATE TABLE core.address (
    id INTEGER NOT NULL,                -- dense, in order of first sight
    account USMALLINT NOT NULL,
    jid VARCHAR NOT NULL,               -- as it came, without device
    kind core.address_kind NOT NULL,
    person INTEGER NOT NULL,            -- the address that stands for the person
    shown VARCHAR NOT NULL,             -- the person's phone JID where one is known, else the LID
    name VARCHAR,                       -- the person's name: title, push name or number
    own BOOLEAN NOT NULL,               -- the account itself has written from it
    phone VARCHAR,                      -- from here on only in the person's own row: digits of the number
    title VARCHAR,                      -- subject of a group; name in the linked phone's address book
    title_ts TIMESTAMPTZ,               -- when that was heard
    push_name VARCHAR,                  -- what people call themselves
    push_ts TIMESTAMPTZ                 -- when that was heard
);

-- Evidence that a LID and a phone number are one person; the newest wins.
CREATE TABLE core.alias (
    account USMALLINT NOT NULL,
    phone INTEGER NOT NULL,             -- core.address.id
    lid INTEGER NOT NULL,               -- core.address.id
    ts TIMESTAMPTZ NOT NULL             -- when it was seen
);

-- Messages as they came.
CREATE TABLE core.message (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id, as it came
    sender INTEGER NOT NULL,            -- core.address.id, as it came
    message_id VARCHAR NOT NULL,        -- WhatsApp's id of the message
    ts TIMESTAMPTZ NOT NULL,            -- when it was written, by the sender's clock
    from_me BOOLEAN NOT NULL,           -- whether the account wrote it
    type core.message_type NOT NULL,    -- what it is
    text VARCHAR,                       -- text, caption or name; a short form of what is no text
    target_id VARCHAR,                  -- the message it answers
    target_sender INTEGER,              -- core.address.id of who wrote that
    mentions VARCHAR[],                 -- addresses that are mentioned in it
    forwarded BOOLEAN NOT NULL,         -- whether it was forwarded
    mimetype VARCHAR,                   -- of its file
    source core.source NOT NULL,        -- how it came
    clock_suspect BOOLEAN NOT NULL,     -- whether the sender's clock is not believable
    seq BIGINT NOT NULL,                -- journal entry that it comes from
    item INTEGER NOT NULL               -- which row of that entry
);

-- What was said about a message later, before or after it came: folded by views.
CREATE TABLE core.change (
    account USMALLINT NOT NULL,
    kind core.change_kind NOT NULL,     -- what it does to the message that is meant
    chat INTEGER NOT NULL,              -- core.address.id, as it came
    sender INTEGER NOT NULL,            -- core.address.id, as it came
    message_id VARCHAR NOT NULL,
    ts TIMESTAMPTZ NOT NULL,
    from_me BOOLEAN NOT NULL,
    text VARCHAR,                       -- the new text, the reaction
    target_id VARCHAR,                  -- `message_id` of the message that is meant
    target_sender INTEGER,
    source core.source NOT NULL,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- One row for each message, recipient and state.
CREATE TABLE core.receipt (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id, as it came
    recipient INTEGER NOT NULL,         -- core.address.id of who received
    message_id VARCHAR NOT NULL,        -- the message that was received, read or played
    state core.receipt_state NOT NULL,  -- what happened to it
    raw_type VARCHAR NOT NULL,          -- the receipt's type in the words of the library
    ts TIMESTAMPTZ NOT NULL,            -- when
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Each change of a session's state; connection intervals are derived from it.
CREATE TABLE core.state (
    account USMALLINT NOT NULL,
    since TIMESTAMPTZ NOT NULL,         -- when it was entered
    state VARCHAR NOT NULL,             -- what the session was doing then
    reason VARCHAR,                     -- in the words of WhatsApp or the library
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Intervals in which messages may have been missed.
CREATE TABLE core.gap (
    account USMALLINT NOT NULL,
    since TIMESTAMPTZ NOT NULL,         -- from when on
    until TIMESTAMPTZ NOT NULL,         -- until when
    cause VARCHAR NOT NULL,             -- what ended the listening
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Each change of an outgoing message; the last row of an id is how far it got.
CREATE TABLE core.send (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,                -- id of the send
    recipient INTEGER NOT NULL,         -- core.address.id of who it is for
    state core.send_state NOT NULL,     -- how far it had got
    message_id VARCHAR,                 -- WhatsApp's id of the message, once it was accepted
    created_at TIMESTAMPTZ NOT NULL,    -- when it was asked for
    updated_at TIMESTAMPTZ NOT NULL,    -- when it got so far
    error VARCHAR,                      -- why it failed
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL,
    type VARCHAR,                       -- what kind of message it is
    decided_by VARCHAR,                 -- the person who said what became of it, or sent it again
    decided_at TIMESTAMPTZ,             -- when they did
    again_of VARCHAR,                   -- the send that a person repeated with this one
    purpose VARCHAR,                    -- `transactional` or `marketing`; empty where a person wrote
    priority INTEGER,                   -- higher ones leave first
    not_before TIMESTAMPTZ,             -- it leaves at this time or later
    not_after TIMESTAMPTZ,              -- where it has not left by then, it is cancelled
    campaign VARCHAR,                   -- id of the campaign that it belongs to
    waiting_for VARCHAR                 -- why it was held back until `not_before`
);

-- How a run of a notebook is, or how it ended.
CREATE TYPE core.run_state AS ENUM ('running', 'done', 'failed', 'timeout', 'aborted', 'crashed');

-- The beginning and the end of each run of a notebook; the last row of an id says how it stands.
CREATE TABLE core.run (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,                -- id of the run
    job VARCHAR NOT NULL,               -- what is run, one at a time
    key VARCHAR NOT NULL,               -- which of its runs, such as the day
    notebook VARCHAR NOT NULL,          -- the notebook, below the workspace
    parameters VARCHAR NOT NULL,        -- values that it was given, as JSON
    dry_run BOOLEAN NOT NULL,           -- whether the host refused it everything but reading
    state core.run_state NOT NULL,      -- how it is, or how it ended
    started_at TIMESTAMPTZ NOT NULL,    -- when it began
    ended_at TIMESTAMPTZ,               -- when it ended; empty while it goes on
    error VARCHAR,                      -- why it did not end well
    output VARCHAR,                     -- its output notebook, below the workspace
    result VARCHAR NOT NULL,            -- what the notebook said of itself, as JSON
    resumes VARCHAR,                    -- the run of the same job and key that it goes on with
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What people agreed to and took back; the same line may be told twice.
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

-- Each change of a campaign; the last row of an id is how far it got.
CREATE TABLE core.campaign (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,                -- id of the plan
    name VARCHAR NOT NULL,              -- of the campaign
    purpose VARCHAR NOT NULL,           -- `marketing` or `transactional`
    state VARCHAR NOT NULL,             -- how far it had got
    recipients INTEGER NOT NULL,        -- how many get it
    excluded INTEGER NOT NULL,          -- how many of the audience do not
    held_out INTEGER NOT NULL,          -- how many of those are kept back
    queued INTEGER NOT NULL,            -- how many are or were in the queue
    template_hash VARCHAR NOT NULL,     -- of its words and its file
    hold_out DOUBLE NOT NULL,           -- share of the persons that is kept back
    not_before TIMESTAMPTZ,             -- nothing leaves before
    not_after TIMESTAMPTZ,              -- nothing leaves after
    created_at TIMESTAMPTZ NOT NULL,    -- when it was planned
    updated_at TIMESTAMPTZ NOT NULL,    -- when it got so far
    started_at TIMESTAMPTZ,             -- when somebody confirmed it
    ended_at TIMESTAMPTZ,               -- when everything had left, or it was cancelled
    changed_by VARCHAR,                 -- who changed it last
    reason VARCHAR,                     -- why, where they said so
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Events without a mapping, and what could not be read, with the reason.
CREATE TABLE core.raw (
    account USMALLINT NOT NULL,
    name VARCHAR NOT NULL,              -- of the event, or `quarantine`
    ts TIMESTAMPTZ NOT NULL,            -- when it came
    fields JSON NOT NULL,               -- what it says
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Imports of exported chats. Their messages are rows of core.message with the
-- number of the import, negated, as journal entry and the line of the file as item.
CREATE TABLE core.import (
    id INTEGER NOT NULL,                -- number of the import
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    file VARCHAR NOT NULL,              -- name of the file
    digest VARCHAR NOT NULL,            -- of the text, whatever file it came in
    format VARCHAR NOT NULL,            -- how its header lines are written
    date_order VARCHAR NOT NULL,        -- `dmy`, `mdy` or `ymd`
    timezone VARCHAR NOT NULL,          -- in which its times were read
    first_ts TIMESTAMPTZ NOT NULL,      -- time of its first message
    last_ts TIMESTAMPTZ NOT NULL,       -- time of its last message
    messages INTEGER NOT NULL,          -- how many it holds
    added INTEGER NOT NULL,             -- how many of them were new
    merged INTEGER NOT NULL,            -- were here as live or history
    repeated INTEGER NOT NULL,          -- were here from other imports
    seen BIGINT NOT NULL,               -- journal entries through this one were compared with
    imported_at TIMESTAMPTZ NOT NULL,   -- when it was imported
    undone_at TIMESTAMPTZ               -- when it was taken back
);

-- Lines of an import that were here before, and how sure that is.
CREATE TABLE core.import_match (
    import INTEGER NOT NULL,            -- core.import.id
    line INTEGER NOT NULL,              -- line of the file
    account USMALLINT NOT NULL,
    seq BIGINT NOT NULL,                -- the row of core.message
    item INTEGER NOT NULL,              -- and its row
    confidence FLOAT NOT NULL           -- how sure it is, from 0 to 1
);

-- Names of the files that were sent, line by line, and what became of them.
CREATE TABLE core.import_file (
    import INTEGER NOT NULL,            -- core.import.id
    line INTEGER NOT NULL,              -- line of the file
    name VARCHAR NOT NULL,              -- name of the file that was sent
    size BIGINT,                        -- bytes of the stored file
    sha256 VARCHAR,                     -- the name of the stored file
    status core.media_status,           -- nothing where the export came without it
    reason VARCHAR                      -- why it is not stored
);

-- How far a phone's history goes back in each chat: one row for each part that it sent.
CREATE TABLE core.history (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id, as it came
    since TIMESTAMPTZ NOT NULL,         -- the oldest message
    until TIMESTAMPTZ NOT NULL,         -- when the phone told it
    messages INTEGER NOT NULL,          -- how many
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- Belongs to the row of core.message with the same account, seq and item. Keys are not here.
CREATE TABLE core.media (
    account USMALLINT NOT NULL,
    size BIGINT,                        -- bytes, as the sender says
    sha256 VARCHAR,                     -- hash of the file's bytes, as the sender says
    file_name VARCHAR,                  -- never a path
    seconds BIGINT,                     -- how long it plays
    width BIGINT,                       -- pixels
    height BIGINT,                      -- pixels
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
    status core.media_status NOT NULL,  -- what became of it
    ts TIMESTAMPTZ NOT NULL,            -- when
    tries INTEGER NOT NULL,             -- how often it was tried in vain so far
    size BIGINT,                        -- bytes of the stored file
    sha256 VARCHAR,                     -- the name of the stored file
    reason VARCHAR,                     -- why it is not stored
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What only some messages have beside their text: at most one row for a message,
-- (account, seq, item) is the message's own.
CREATE TABLE core.detail (
    account USMALLINT NOT NULL,
    expires_after BIGINT,               -- seconds after which it disappears from the phones
    view_once BOOLEAN NOT NULL,         -- whether it could be opened once only
    quoted_text VARCHAR,                -- of the message it answers, as the answer repeats it
    latitude DOUBLE,                    -- degrees north
    longitude DOUBLE,                   -- degrees east
    place_name VARCHAR,                 -- name of the place
    place_address VARCHAR,              -- address of the place
    cards STRUCT(name VARCHAR, phones VARCHAR[])[],  -- contact cards that were sent
    poll_question VARCHAR,              -- what is asked
    poll_options VARCHAR[],             -- what can be chosen, in order
    poll_choices BIGINT,                -- how many each person may choose; 0 is any number
    item_id VARCHAR,                    -- of an order or a product
    item_title VARCHAR,                 -- what that is called
    item_count BIGINT,                  -- how many articles the order has
    price DOUBLE,                       -- of everything together
    currency VARCHAR,                   -- ISO 4217
    call_outcome core.call_state,       -- how the call went, as far as its message says
    call_seconds BIGINT,                -- how long people talked
    call_video BOOLEAN,                 -- whether it was a video call
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What was told of groups: members by list, who came and went, new roles and
-- subjects. The same may be told twice; views make memberships of it.
CREATE TABLE core.group_change (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id of the group
    kind core.group_change_kind NOT NULL,  -- what was told
    member INTEGER,                     -- core.address.id
    author INTEGER,                     -- core.address.id
    text VARCHAR,                       -- new subject or description
    ts TIMESTAMPTZ NOT NULL,            -- when it happened
    source core.source NOT NULL,        -- how it came
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- What became of calls, and the phone's log of those before.
CREATE TABLE core.call_event (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- core.address.id
    caller INTEGER NOT NULL,            -- core.address.id
    call_id VARCHAR NOT NULL,           -- WhatsApp's id of the call
    state core.call_state NOT NULL,     -- what became of it
    reason VARCHAR,                     -- in the words of the library
    video BOOLEAN,                      -- whether it was a video call
    seconds BIGINT,                     -- how long people talked
    ts TIMESTAMPTZ NOT NULL,            -- when
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
    error VARCHAR,                      -- why it is not known
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);

-- From here on everything is derived from the tables above, chat by chat, behind
-- the drain: what these tables say of the chats in core.stale is old.
-- Turns: who wrote until when in each chat; see the view message_turns.
CREATE TABLE core.turn (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- person or group, core.address.id
    is_group BOOLEAN NOT NULL,          -- whether the chat is a group
    from_me BOOLEAN NOT NULL,
    automatic BOOLEAN NOT NULL,         -- whether wakit wrote, rather than a person
    sender INTEGER NOT NULL,            -- person, core.address.id
    started BIGINT NOT NULL,            -- its first message, in seconds since 1970 in UTC
    ended BIGINT NOT NULL,              -- its last message, likewise
    messages INTEGER NOT NULL,          -- how many it has
    silence_before BIGINT,              -- seconds since the turn before; empty where there is none
    ours_before BOOLEAN,                -- whether the account wrote that
    sender_before INTEGER,              -- who wrote that
    silence_after BIGINT,               -- seconds to the turn behind it; empty where there is none
    ours_after BOOLEAN                  -- whether the account wrote that
);

-- Waits for an answer, once as bots answer and once as only people do; see the view message_waits.
CREATE TABLE core.wait (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- person or group, core.address.id
    is_group BOOLEAN NOT NULL,          -- whether the chat is a group
    sender INTEGER NOT NULL,            -- who waited first: person, core.address.id
    bots_answer BOOLEAN NOT NULL,       -- in which of the two ways
    since BIGINT NOT NULL,              -- the first message that waited, in seconds since 1970 in UTC
    latest BIGINT NOT NULL,             -- the last one, likewise
    silence_before BIGINT,              -- seconds since anybody had written; empty at the beginning of a chat
    answered BIGINT,                    -- the first message of the answer; empty while there is none
    answerer INTEGER                    -- who wrote that: person, core.address.id
);

-- Conversations, told apart by a day of silence; see the view message_conversations.
CREATE TABLE core.conversation (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- person or group, core.address.id
    is_group BOOLEAN NOT NULL,          -- whether the chat is a group
    started BIGINT NOT NULL,            -- its first message, in seconds since 1970 in UTC
    ended BIGINT NOT NULL,              -- its last message, likewise
    ours_first BOOLEAN NOT NULL,        -- whether the account wrote the first one
    ours_last BOOLEAN NOT NULL          -- whether the account wrote the last one
);

-- How much was written in each chat and hour; see the view message_hours.
CREATE TABLE core.hour (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,              -- person or group, core.address.id
    is_group BOOLEAN NOT NULL,          -- whether the chat is a group
    hour BIGINT NOT NULL,               -- when the hour began, in seconds since 1970 in UTC
    received INTEGER NOT NULL,          -- messages of others in it
    sent INTEGER NOT NULL               -- messages of the account
);

-- Small, updated in place: the first row of each journal that was not looked at yet.
CREATE TABLE core.derived (
    account USMALLINT NOT NULL,
    seq BIGINT NOT NULL,                -- its journal entry
    item BIGINT NOT NULL                -- which row of that
);

-- Persons and groups whose chats are to be derived again.
CREATE TABLE core.stale (
    person INTEGER NOT NULL,            -- core.address.id
    moved BOOLEAN NOT NULL              -- whether it stands for other addresses than before, in any chat
);
