-- One row for each person, under the address that stands for them. A LID is
-- only shown where no phone number is known, and never as a number.
CREATE OR REPLACE VIEW contacts AS
SELECT
    account.id AS account,              -- id of the account
    address.shown AS jid,               -- the address that is shown for the person: with the phone number where one is known
    '+' || address.phone AS phone,      -- E.164; empty where only the LID is known
    CASE WHEN address.kind = 'lid' THEN address.jid END AS lid,  -- WhatsApp's private alias of the number
    address.name,                       -- what to call them: `title`, else `push_name`, else the number
    address.title,                      -- name in the linked phone's address book
    address.push_name                   -- what they call themselves
FROM core.address AS address
JOIN core.account AS account ON account.no = address.account
WHERE address.id = address.person AND address.kind IN ('phone', 'lid');

-- Every address of each person: LIDs, and phone numbers in each spelling that was seen.
CREATE OR REPLACE VIEW contact_addresses AS
SELECT
    account.id AS account,
    address.shown AS jid,               -- `jid` of the person in `contacts`
    address.jid AS address,             -- the address as WhatsApp used it
    address.kind                        -- what it is
FROM core.address AS address
JOIN core.account AS account ON account.no = address.account
WHERE address.kind IN ('phone', 'lid');
