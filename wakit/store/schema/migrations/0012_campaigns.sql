-- Each change of a campaign.
CREATE TABLE core.campaign (
    account USMALLINT NOT NULL,
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    purpose VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    recipients INTEGER NOT NULL,
    excluded INTEGER NOT NULL,
    held_out INTEGER NOT NULL,
    queued INTEGER NOT NULL,
    template_hash VARCHAR NOT NULL,
    hold_out DOUBLE NOT NULL,
    not_before TIMESTAMPTZ,
    not_after TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    changed_by VARCHAR,
    reason VARCHAR,
    seq BIGINT NOT NULL,
    item INTEGER NOT NULL
);
