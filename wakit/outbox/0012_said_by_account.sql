-- Two accounts may say the same under the same name: each says it once to a person.
CREATE TABLE campaign_said_by_account (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    template_hash TEXT NOT NULL,
    person TEXT NOT NULL,
    campaign INTEGER NOT NULL,
    send TEXT NOT NULL,
    PRIMARY KEY (account, name, template_hash, person)
) STRICT, WITHOUT ROWID;

INSERT INTO campaign_said_by_account
SELECT campaign.account, said.name, said.template_hash, said.person, said.campaign, said.send
FROM campaign_said AS said JOIN campaign ON campaign.no = said.campaign;

DROP TABLE campaign_said;
ALTER TABLE campaign_said_by_account RENAME TO campaign_said;
