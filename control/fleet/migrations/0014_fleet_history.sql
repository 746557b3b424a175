-- Which change led to which version: a change knows the revision that its own transaction gave the configuration.
ALTER TABLE configuration ADD COLUMN changed_in xid8;
CREATE OR REPLACE FUNCTION configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE configuration SET revision = revision + 1, changed_in = pg_current_xact_id();
  RETURN NULL;
END $$;

-- Packs that people enter are part of what snapshots are made of.
CREATE TRIGGER own_pack_configuration AFTER INSERT OR UPDATE OR DELETE ON own_pack
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- Null: the change was of nothing that snapshots are made of.
ALTER TABLE change ADD COLUMN revision bigint;
CREATE INDEX change_revision ON change (revision) WHERE revision IS NOT NULL;
CREATE FUNCTION change_of_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.revision := (SELECT revision FROM configuration WHERE changed_in = pg_current_xact_id_if_assigned());
  RETURN NEW;
END $$;
CREATE TRIGGER change_of_revision BEFORE INSERT ON change FOR EACH ROW EXECUTE FUNCTION change_of_revision();

-- Every version that was published, in parts: one part per connection, key, service. A part that several versions have
-- is kept once. No secret is in them, sealed or not: of credentials which one and of which version, of keys no hash.
CREATE TABLE snapshot_part (
  hash text COLLATE "C" PRIMARY KEY,
  body jsonb NOT NULL
);
CREATE TABLE snapshot_version (
  version bigint PRIMARY KEY,
  content_hash text NOT NULL,
  published_at timestamptz NOT NULL,
  -- It has the changes with a revision above the first and up to the second.
  after_revision bigint NOT NULL,
  revision bigint NOT NULL,
  parts text[] COLLATE "C" NOT NULL
);

-- A version that a gateway would not take, while the one before serves on. Why is a code and a field, never a value.
ALTER TABLE gateway
  ADD COLUMN refused_version bigint,
  ADD COLUMN refused_code text,
  ADD COLUMN refused_field text,
  ADD COLUMN refused_since timestamptz;

-- The key that this one was made to follow.
ALTER TABLE virtual_key ADD COLUMN replaces text REFERENCES virtual_key (id);
