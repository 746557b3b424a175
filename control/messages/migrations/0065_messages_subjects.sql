-- By which pseudonyms of the ledger an erasure finds messages: of senders, recipients, and whoever handed them in.
-- Null: it was not looked for yet.
ALTER TABLE message ADD COLUMN subjects text[] COLLATE "C";
CREATE INDEX message_by_subject ON message USING gin (subjects);
CREATE INDEX message_unnamed ON message (id) WHERE subjects IS NULL AND findings IS NOT NULL;
ALTER TABLE vendor_address ADD COLUMN subject text COLLATE "C";
