CREATE TABLE core.turn (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,
    is_group BOOLEAN NOT NULL,
    from_me BOOLEAN NOT NULL,
    automatic BOOLEAN NOT NULL,
    sender INTEGER NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    messages INTEGER NOT NULL,
    silence_before BIGINT,
    ours_before BOOLEAN,
    sender_before INTEGER,
    silence_after BIGINT,
    ours_after BOOLEAN
);

CREATE TABLE core.wait (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,
    is_group BOOLEAN NOT NULL,
    sender INTEGER NOT NULL,
    bots_answer BOOLEAN NOT NULL,
    since BIGINT NOT NULL,
    latest BIGINT NOT NULL,
    silence_before BIGINT,
    answered BIGINT,
    answerer INTEGER
);

CREATE TABLE core.conversation (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,
    is_group BOOLEAN NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    ours_first BOOLEAN NOT NULL,
    ours_last BOOLEAN NOT NULL
);

CREATE TABLE core.hour (
    account USMALLINT NOT NULL,
    chat INTEGER NOT NULL,
    is_group BOOLEAN NOT NULL,
    hour BIGINT NOT NULL,
    received INTEGER NOT NULL,
    sent INTEGER NOT NULL
);

CREATE TABLE core.derived (
    account USMALLINT NOT NULL,
    seq BIGINT NOT NULL,
    item BIGINT NOT NULL
);

CREATE TABLE core.stale (
    person INTEGER NOT NULL,
    moved BOOLEAN NOT NULL
);

-- Imports are in no journal: nothing else would tell that their chats are to be derived.
INSERT INTO core.stale
SELECT DISTINCT chat.person, FALSE
FROM core.message AS message
JOIN core.address AS chat ON chat.id = message.chat
WHERE message.seq < 0;
