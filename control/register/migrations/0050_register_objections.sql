-- What was agreed on new sub-processors: how many days one may object to one. Null: it says nothing.
ALTER TABLE register_agreement ADD COLUMN objection_days integer CHECK (objection_days BETWEEN 0 AND 365);

-- Chain: whose word a review's date rests on. Null with a date: it was opened before this was kept.
ALTER TABLE chain_review ADD COLUMN objection_from text COLLATE "C"
  CHECK (objection_from IN ('agreement', 'list', 'usual'));

-- Policies may ask what the register knows of a vendor, while one is in force that may.
CREATE TRIGGER register_vendor_policy AFTER INSERT OR UPDATE OR DELETE ON register_vendor
  FOR EACH STATEMENT EXECUTE FUNCTION policy_facts_changed();

-- Crossings: in which version a projection made its rows. None: in the first.
CREATE TABLE projection_version (
  projection text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL
);

-- Residency: a number that each change of what answers are made of raises, so that an answer is made once.
CREATE TABLE residency_version (
  of text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL
);
INSERT INTO residency_version VALUES ('statements', 0), ('seen', 0), ('hosts', 0);
CREATE FUNCTION residency_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE residency_version SET version = version + 1 WHERE of = TG_ARGV[0];
  RETURN NULL;
END $$;
CREATE TRIGGER residency_statement_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON residency_statement
  FOR EACH STATEMENT EXECUTE FUNCTION residency_changed('statements');
-- Of endpoints also whose: only those vendors are read again. '': all of them.
CREATE TABLE residency_seen_change (
  vendor text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL
);
CREATE FUNCTION residency_seen_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  raised bigint;
BEGIN
  UPDATE residency_version SET version = version + 1 WHERE of = 'seen' RETURNING version INTO raised;
  -- Emptied together with the versions: a restore puts all of them back as they were.
  IF raised IS NULL THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO residency_seen_change VALUES ('', raised) ON CONFLICT (vendor) DO UPDATE SET version = excluded.version;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO residency_seen_change SELECT DISTINCT vendor, raised FROM old_rows
      ON CONFLICT (vendor) DO UPDATE SET version = excluded.version;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO residency_seen_change SELECT DISTINCT vendor, raised FROM new_rows
      ON CONFLICT (vendor) DO UPDATE SET version = excluded.version;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER residency_seen_inserted AFTER INSERT ON residency_seen
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION residency_seen_changed();
CREATE TRIGGER residency_seen_updated AFTER UPDATE ON residency_seen
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION residency_seen_changed();
CREATE TRIGGER residency_seen_deleted AFTER DELETE ON residency_seen
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION residency_seen_changed();
CREATE TRIGGER residency_seen_truncated AFTER TRUNCATE ON residency_seen
  FOR EACH STATEMENT EXECUTE FUNCTION residency_seen_changed();
-- The hosts of a published version never change; an old version is forgotten.
CREATE TRIGGER snapshot_version_residency AFTER UPDATE OR DELETE OR TRUNCATE ON snapshot_version
  FOR EACH STATEMENT EXECUTE FUNCTION residency_changed('hosts');
CREATE INDEX residency_seen_by_vendor ON residency_seen (vendor, connection);
CREATE INDEX residency_seen_by_time ON residency_seen (last_at);
