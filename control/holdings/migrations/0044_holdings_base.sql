-- Visits to vendors' own consoles, as a browser recorded them: whom the console called, and the names of what it sent. No value.

CREATE TABLE console_visit (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  -- On which somebody visited it.
  day date NOT NULL,
  name text NOT NULL,
  sha256 bytea NOT NULL,
  bytes bigint NOT NULL,
  -- Entries of the recording, and how many of them could not be read.
  entries integer NOT NULL,
  unread integer NOT NULL,
  -- Hosts that were left out because there were too many.
  overflow integer NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  withdrawn_at timestamptz
);
CREATE UNIQUE INDEX console_visit_once ON console_visit (vendor, sha256) WHERE withdrawn_at IS NULL;
CREATE INDEX console_visit_by_vendor ON console_visit (vendor, at DESC, id DESC);

-- Whose a host is follows from what is known of vendors when it is asked for, and is not stored.
CREATE TABLE console_visit_host (
  visit uuid NOT NULL REFERENCES console_visit (id),
  host text COLLATE "C" NOT NULL,
  calls integer NOT NULL,
  fields text[] NOT NULL,
  addresses text[] NOT NULL,
  PRIMARY KEY (visit, host)
);
CREATE INDEX console_visit_host_by_host ON console_visit_host (host);

-- What people state that a vendor's console collects about those who have accounts.
CREATE TABLE console_field (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  field text COLLATE "C" NOT NULL,
  source text NOT NULL,
  -- The day of the source.
  as_of date NOT NULL,
  reason text NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  withdrawn_at timestamptz
);
CREATE UNIQUE INDEX console_field_once ON console_field (vendor, field) WHERE withdrawn_at IS NULL;
