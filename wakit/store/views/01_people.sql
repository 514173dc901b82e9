-- One row for each person, under the address that stands for them. A LID is
-- only shown where no phone number is known, and never as a number.
CREATE OR REPLACE VIEW contacts AS
SELECT
    account.id AS account,
    address.shown AS jid,
    '+' || address.phone AS phone,
    CASE WHEN address.kind = 'lid' THEN address.jid END AS lid,
    address.name,
    address.title,
    address.push_name
FROM core.address AS address
JOIN core.account AS account ON account.no = address.account
WHERE address.id = address.person AND address.kind IN ('phone', 'lid');
