-- The data key under which this deployment's secrets are wrapped, itself wrapped under the key-encryption key, which
-- is not in the database; and a known text wrapped under the same key, which tells a wrong key from a damaged row.
CREATE TABLE vault_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  check_value bytea NOT NULL,
  data_key bytea NOT NULL,
  created_at timestamptz NOT NULL
);

-- Random secrets of the deployment, made inside the vault and stored wrapped: one per use.
CREATE TABLE deployment_secret (
  use text PRIMARY KEY,
  wrapped bytea NOT NULL,
  -- For key pairs: the public half.
  public_key bytea,
  created_at timestamptz NOT NULL
);

-- Pseudonyms for a vendor are made under its secret. A secret that is destroyed ends every join made with it.
CREATE TABLE vendor_secret (
  vendor text NOT NULL,
  epoch integer NOT NULL,
  wrapped bytea,
  created_at timestamptz NOT NULL,
  destroyed_at timestamptz,
  PRIMARY KEY (vendor, epoch),
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE UNIQUE INDEX vendor_secret_in_use ON vendor_secret (vendor) WHERE destroyed_at IS NULL;
CREATE TRIGGER vendor_secret_configuration AFTER INSERT OR UPDATE OR DELETE ON vendor_secret
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
