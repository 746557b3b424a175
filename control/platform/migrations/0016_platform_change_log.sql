-- Every change goes into the control plane's log. The row is the intent too: it has no index until the log has it. The
-- log's entry holds SHA-256(salt, what the row says), so that the row may go one day and the entry stays.
ALTER TABLE change
  -- The order in which they were written. Changes from before come first.
  ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY,
  -- 32 random bytes each, here made of what is in 3 random UUIDs.
  ADD COLUMN salt bytea NOT NULL CHECK (length(salt) = 32) DEFAULT sha256(decode(
    replace(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex')),
  ADD COLUMN log_index bigint;
ALTER TABLE change ALTER COLUMN salt DROP DEFAULT;
CREATE UNIQUE INDEX change_seq ON change (seq);
CREATE UNIQUE INDEX change_log_index ON change (log_index);
CREATE INDEX change_to_log ON change (seq) WHERE log_index IS NULL;

-- Whoever puts changes into the log hears of them when they are committed.
CREATE FUNCTION change_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('change_made', '');
  RETURN NULL;
END $$;
CREATE TRIGGER change_made AFTER INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION change_made();

-- What is known of the log beside its files: the last checkpoint that was signed, which the files must fit, and what is
-- wrong with it, for every control process to tell.
CREATE TABLE control_log (
  origin text PRIMARY KEY,
  checkpoint text,
  size bigint NOT NULL DEFAULT 0,
  signed_at timestamptz,
  trouble_code text,
  trouble_text text,
  trouble_since timestamptz
);
