-- The register of vendors: who they are to us, what they and we state of them, what was agreed, and what was reviewed.

-- Files that others gave us (contracts, reports, proofs), each once, by the SHA-256 of its content. Their bytes lie in parts
-- that are sealed under the key below, so that no reader needs a whole file in memory.
CREATE TABLE blob_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  -- Sealed to the deployment's payload key, which only the vault opens.
  sealed jsonb NOT NULL
);
CREATE TABLE blob (
  id uuid PRIMARY KEY,
  -- Null: it is still on its way.
  hash text COLLATE "C" UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
  bytes bigint NOT NULL,
  parts integer NOT NULL,
  type text COLLATE "C" NOT NULL,
  stored_at timestamptz NOT NULL,
  stored_by text NOT NULL
);
CREATE TABLE blob_part (
  blob uuid NOT NULL REFERENCES blob (id) ON DELETE CASCADE,
  number integer NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (blob, number)
);
-- Sealed bytes do not get smaller.
ALTER TABLE blob_part ALTER COLUMN sealed SET STORAGE EXTERNAL;
-- What needs a file. A file that nothing needs is forgotten.
CREATE TABLE blob_use (
  hash text COLLATE "C" NOT NULL REFERENCES blob (hash),
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text NOT NULL,
  PRIMARY KEY (kind, id, hash)
);
CREATE INDEX blob_use_by_hash ON blob_use (hash);

CREATE TABLE register_vendor (
  id text COLLATE "C" PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,60}$'),
  name text NOT NULL,
  status text COLLATE "C" NOT NULL
    CHECK (status IN ('candidate', 'under_review', 'approved', 'restricted', 'ending', 'ended')),
  -- Null: nobody said. None of these is ever guessed.
  owner text,
  purpose text,
  category text,
  domain text COLLATE "C",
  criticality text COLLATE "C" NOT NULL CHECK (criticality IN ('critical', 'important', 'supporting', 'unknown')),
  tier text COLLATE "C",
  -- Of the last review that has not failed.
  reviewed_on date,
  revision integer NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX register_vendor_by_name ON register_vendor (lower(name), id);

-- What is stated of a vendor, by kind and key: whose word it is (source) and of when. `value` of a contact lies sealed.
CREATE TABLE register_statement (
  vendor text COLLATE "C" NOT NULL REFERENCES register_vendor (id) ON DELETE CASCADE,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value jsonb,
  sealed bytea,
  source text NOT NULL,
  as_of date NOT NULL,
  stated_at timestamptz NOT NULL,
  stated_by text NOT NULL,
  PRIMARY KEY (vendor, kind, key),
  CHECK ((value IS NULL) <> (sealed IS NULL))
);

CREATE TABLE register_agreement (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL REFERENCES register_vendor (id) ON DELETE CASCADE,
  kind text COLLATE "C" NOT NULL,
  parties text,
  signed_on date,
  valid_from date,
  -- Null and not open-ended: unknown.
  valid_until date,
  open_ended boolean NOT NULL,
  notice_days integer CHECK (notice_days BETWEEN 0 AND 3660),
  ended_on date,
  reviewed_by text,
  reviewed_on date,
  note text,
  source text NOT NULL,
  as_of date NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL,
  CHECK (NOT (open_ended AND valid_until IS NOT NULL))
);
CREATE INDEX register_agreement_by_vendor ON register_agreement (vendor, entered_at);
CREATE INDEX register_agreement_by_end ON register_agreement (valid_until) WHERE valid_until IS NOT NULL;

CREATE TABLE register_review (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL REFERENCES register_vendor (id) ON DELETE CASCADE,
  reviewed_on date NOT NULL,
  outcome text COLLATE "C" NOT NULL CHECK (outcome IN ('passed', 'passed_with_conditions', 'failed')),
  note text NOT NULL,
  reviewer text NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX register_review_by_vendor ON register_review (vendor, reviewed_on DESC);

-- A connection's request to be used: its credential waits for the conditions of its tier.
CREATE TABLE register_request (
  connection text COLLATE "C" PRIMARY KEY,
  purpose text NOT NULL,
  data text[] NOT NULL,
  owner text NOT NULL,
  tier text COLLATE "C" NOT NULL,
  asked_at timestamptz NOT NULL,
  asked_by text NOT NULL
);
CREATE TABLE register_exception (
  id uuid PRIMARY KEY,
  connection text COLLATE "C" NOT NULL,
  owner text NOT NULL,
  reason text NOT NULL,
  until timestamptz NOT NULL,
  granted_at timestamptz NOT NULL,
  granted_by text NOT NULL,
  ended_at timestamptz
);
CREATE INDEX register_exception_by_connection ON register_exception (connection, until);

-- Whether a connection may be used follows from these: gateways are told.
CREATE TRIGGER register_agreement_configuration AFTER INSERT OR UPDATE OR DELETE ON register_agreement
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_review_configuration AFTER INSERT OR UPDATE OR DELETE ON register_review
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_request_configuration AFTER INSERT OR UPDATE OR DELETE ON register_request
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_exception_configuration AFTER INSERT OR UPDATE OR DELETE ON register_exception
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_residency_configuration AFTER INSERT OR UPDATE ON register_statement
  FOR EACH ROW WHEN (NEW.kind = 'residency') EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_residency_gone_configuration AFTER DELETE ON register_statement
  FOR EACH ROW WHEN (OLD.kind = 'residency') EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER register_rules_configuration AFTER INSERT OR UPDATE ON setting
  FOR EACH ROW WHEN (NEW.key = 'register.rules') EXECUTE FUNCTION configuration_changed();
