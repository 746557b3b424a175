-- Whose address a recipient's is, by keyed pseudonyms of the ledger, so that an erasure of the person finds it. What was collected
-- before this column was there has none, and so have lists that people entered.
ALTER TABLE notice_recipient
  ADD COLUMN subjects text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- SHA-256 of what lay here, in hexadecimal: the digests in the log of changes can be compared still. Null: it lies here.
  ADD COLUMN erased text COLLATE "C" CHECK (erased ~ '^[0-9a-f]{64}$');
CREATE INDEX notice_recipient_subjects ON notice_recipient USING gin (subjects);
