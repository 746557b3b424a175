-- Reports of use that are fetched from a vendor: with which credential, where, how often, and what came of it the last time.
CREATE TABLE usage_fetch (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  -- Which of our accounts at the vendor; '': the only one.
  account text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  -- Where the credential may go, and in which header. It is bound to all of this.
  scheme text NOT NULL CHECK (scheme IN ('https', 'http')),
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  private boolean NOT NULL,
  header text NOT NULL,
  prefix text NOT NULL,
  wrapped bytea NOT NULL,
  wrapped_key integer GENERATED ALWAYS AS (wrapped_key_version(wrapped)) STORED REFERENCES data_key (version),
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL,
  -- Null: only when somebody asks.
  every_hours integer CHECK (every_hours BETWEEN 1 AND 168),
  -- Null: nothing is planned.
  next_at timestamptz,
  -- The vendor asked not to be asked before.
  not_before timestamptz,
  -- A process is at it since. One that died is followed by another after a while.
  began_at timestamptz,
  tried_at timestamptz,
  -- When a report was last taken in.
  fetched_at timestamptz,
  -- Tries in a row that brought nothing.
  failed integer NOT NULL DEFAULT 0,
  error_code text,
  error text,
  UNIQUE (vendor, account)
);
CREATE INDEX usage_fetch_due ON usage_fetch (next_at) WHERE next_at IS NOT NULL;

-- What came of each kind of report.
CREATE TABLE usage_fetch_kind (
  fetching uuid NOT NULL REFERENCES usage_fetch (id) ON DELETE CASCADE,
  of text COLLATE "C" NOT NULL,
  tried_at timestamptz NOT NULL,
  fetched_at timestamptz,
  -- The last day of the time that was asked for when it was last taken in.
  last_day date,
  import uuid REFERENCES usage_import (id),
  error_code text,
  error text,
  PRIMARY KEY (fetching, of)
);
