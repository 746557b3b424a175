-- Data keys have versions, and each is wrapped under one or several key-encryption keys: while a deployment goes from one
-- of these to another, either opens it.
CREATE TABLE data_key (
  version integer PRIMARY KEY CHECK (version > 0),
  created_at timestamptz NOT NULL
);
CREATE TABLE key_encryption_key (
  -- Its key file's number, where it is a file.
  id integer PRIMARY KEY CHECK (id > 0),
  -- Where it is kept: file, env, command, vault-transit, aws-kms.
  source text NOT NULL,
  -- Which one of that source, for people.
  label text NOT NULL,
  -- A known text wrapped under it, which tells a wrong key from a damaged row.
  check_value bytea NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TABLE wrapped_data_key (
  kek integer NOT NULL REFERENCES key_encryption_key (id) ON DELETE CASCADE,
  version integer NOT NULL REFERENCES data_key (version) ON DELETE CASCADE,
  wrapped bytea NOT NULL,
  PRIMARY KEY (kek, version)
);

INSERT INTO data_key SELECT 1, created_at FROM vault_key;
INSERT INTO key_encryption_key SELECT 1, 'file', 'the key file', check_value, created_at FROM vault_key;
INSERT INTO wrapped_data_key SELECT 1, 1, data_key FROM vault_key;
DROP TABLE vault_key;

-- Which data key wrapped bytes are under: `dbwrap.1` and four bytes in front say so; without them it is the first.
CREATE FUNCTION wrapped_key_version(wrapped bytea) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN wrapped IS NULL THEN NULL
    WHEN length(wrapped) >= 40 AND substring(wrapped FROM 1 FOR 8) = '\x6462777261702e31'::bytea
      THEN (get_byte(wrapped, 8)::bigint * 16777216 + get_byte(wrapped, 9) * 65536
        + get_byte(wrapped, 10) * 256 + get_byte(wrapped, 11))::integer
    ELSE 1
  END
$$;

-- What is wrapped names its data key, so that none goes that something still needs. Every table that keeps wrapped bytes
-- has this column.
ALTER TABLE deployment_secret ADD COLUMN wrapped_key integer
  GENERATED ALWAYS AS (wrapped_key_version(wrapped)) STORED REFERENCES data_key (version);
ALTER TABLE vendor_secret ADD COLUMN wrapped_key integer
  GENERATED ALWAYS AS (wrapped_key_version(wrapped)) STORED REFERENCES data_key (version);
ALTER TABLE credential ADD COLUMN wrapped_key integer
  GENERATED ALWAYS AS (wrapped_key_version(wrapped)) STORED REFERENCES data_key (version);
ALTER TABLE totp
  ADD COLUMN secret_key integer GENERATED ALWAYS AS (wrapped_key_version(secret)) STORED REFERENCES data_key (version),
  ADD COLUMN pending_key integer GENERATED ALWAYS AS (wrapped_key_version(pending)) STORED REFERENCES data_key (version);
CREATE INDEX credential_wrapped_key ON credential (wrapped_key);

-- What waits for a second person (control/approvals). `what` is all that is to be done, as the second person reads it;
-- `hash` is SHA-256 over act, subject and `what` as canonical JSON: nothing else may be done in its name.
CREATE TABLE approval (
  id text PRIMARY KEY,
  act text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  what jsonb NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  reason text NOT NULL,
  asked_at timestamptz NOT NULL,
  asked_by text NOT NULL,
  asked_by_name text NOT NULL,
  expires_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  decided_by_name text,
  decision text CHECK (decision IN ('approved', 'refused', 'withdrawn')),
  decision_reason text,
  -- An approval is good for one act.
  used_at timestamptz,
  expiry_logged boolean NOT NULL DEFAULT false,
  CHECK ((decision IS NULL) = (decided_at IS NULL)),
  CHECK (used_at IS NULL OR decision = 'approved'),
  CHECK (decision <> 'approved' OR decided_by <> asked_by)
);
CREATE INDEX approval_by_hash ON approval (hash);
CREATE INDEX approval_by_time ON approval (asked_at);
