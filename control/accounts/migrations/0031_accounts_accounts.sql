-- Accounts that our own people have at vendors, as exports tell of them, and how well their sign-in is guarded.

-- Who holds an account (address, name, the vendor's id) lies sealed under this key, which only the vault opens.
CREATE TABLE account_directory_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  sealed jsonb NOT NULL
);

CREATE TABLE account_import (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  -- When the vendor made the export.
  as_of timestamptz NOT NULL,
  complete boolean NOT NULL,
  accounts integer NOT NULL,
  added integer NOT NULL,
  gone integer NOT NULL
);
CREATE INDEX account_import_by_time ON account_import (vendor, at DESC, id DESC);

CREATE TABLE account (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  -- Keyed hash of what the vendor knows it by.
  external text COLLATE "C" NOT NULL,
  -- The person's pseudonym in the ledger; null: the export has no address.
  subject text COLLATE "C",
  sealed bytea NOT NULL,
  role text,
  admin boolean,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('person', 'service')),
  state text COLLATE "C" NOT NULL CHECK (state IN ('active', 'invited', 'suspended', 'gone')),
  level text COLLATE "C" NOT NULL
    CHECK (level IN ('enforced', 'phishing_resistant', 'enrolled', 'sms_only', 'none', 'unknown')),
  basis text NOT NULL,
  -- When the export was made that says all this.
  as_of timestamptz NOT NULL,
  added_at timestamptz,
  last_active_at timestamptz,
  UNIQUE (vendor, source, external)
);
CREATE INDEX account_by_subject ON account (subject);

-- Everyone signs in to `vendor` through `provider`, so that the provider's second factor holds: as somebody stated.
CREATE TABLE account_sign_in_rule (
  vendor text COLLATE "C" PRIMARY KEY,
  provider text COLLATE "C" NOT NULL,
  source text NOT NULL,
  stated_at timestamptz NOT NULL,
  stated_by text NOT NULL,
  CHECK (vendor <> provider)
);

CREATE TABLE account_attestation (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  level text COLLATE "C" NOT NULL CHECK (level IN ('enforced', 'phishing_resistant', 'enrolled', 'sms_only', 'none')),
  statement text NOT NULL,
  -- SHA-256 of what was seen (a screenshot, a letter), which is kept elsewhere.
  evidence text COLLATE "C" NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  stated_at timestamptz NOT NULL,
  stated_by text NOT NULL,
  withdrawn_at timestamptz,
  CHECK (seen_at < expires_at)
);
CREATE INDEX account_attestation_by_vendor ON account_attestation (vendor, seen_at DESC);
