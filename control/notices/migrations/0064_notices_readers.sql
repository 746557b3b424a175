-- Where the recipients of a notice are and what they read, as far as a list says so: what they are chosen and counted by.
ALTER TABLE notice_recipient ADD COLUMN country text COLLATE "C", ADD COLUMN language text COLLATE "C";
-- Of lists that were made before they were known by pseudonyms: what is left to be named.
CREATE INDEX notice_recipient_unnamed ON notice_recipient (notice, n) WHERE subjects = '{}' AND erased IS NULL;
