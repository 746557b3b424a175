CREATE TABLE gateway (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- X25519, 32 bytes: snapshots' secrets are sealed to it.
  public_key bytea NOT NULL CHECK (length(public_key) = 32),
  -- SHA-256 of the bearer token.
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  enrolled_at timestamptz NOT NULL,
  last_seen_at timestamptz,
  snapshot_version bigint,
  journal_shipped bigint,
  journal_behind bigint
);

-- Counts every change of what snapshots are made of, in the transaction of the change. Control processes watch it.
CREATE TABLE configuration (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  revision bigint NOT NULL
);
INSERT INTO configuration (revision) VALUES (1);

CREATE FUNCTION configuration_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE configuration SET revision = revision + 1;
  RETURN NULL;
END $$;

CREATE TRIGGER connection_configuration AFTER INSERT OR UPDATE OR DELETE ON connection
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER credential_configuration AFTER INSERT OR UPDATE OR DELETE ON credential
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER contract_configuration AFTER INSERT OR UPDATE OR DELETE ON contract_version
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER virtual_key_configuration AFTER INSERT OR UPDATE OR DELETE ON virtual_key
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- What was last published: the version goes up only when the content differs, and never down.
CREATE TABLE published (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  version bigint NOT NULL,
  revision bigint NOT NULL,
  content_hash text NOT NULL,
  published_at timestamptz NOT NULL
);
