-- Coverage: what vendors count of our use of them, beside what gateways counted.

-- A projection. Crossings of a day (UTC, when they began) by connection and endpoint; `answered`: with a status of 2xx; `failed`:
-- those that no vendor counts, as they did not reach it or it refused them. `metered`: answered ones whose tokens are known.
CREATE TABLE coverage_day (
  vendor text COLLATE "C" NOT NULL,
  day date NOT NULL,
  connection text COLLATE "C" NOT NULL,
  endpoint text COLLATE "C" NOT NULL,
  sent bigint NOT NULL,
  answered bigint NOT NULL,
  failed bigint NOT NULL,
  metered bigint NOT NULL,
  tokens bigint NOT NULL,
  PRIMARY KEY (vendor, day, connection, endpoint)
);
CREATE INDEX coverage_day_by_day ON coverage_day (day);

-- Tunnels through the egress proxy by day: nobody knows what is in them. Not by host: an app may make up any number of those.
CREATE TABLE coverage_proxy_day (
  vendor text COLLATE "C" NOT NULL,
  day date NOT NULL,
  app text COLLATE "C" NOT NULL,
  tunnels bigint NOT NULL,
  PRIMARY KEY (vendor, day, app)
);

-- Crossings that are not settled yet: a settlement says only which one it is of.
CREATE TABLE coverage_open (
  log integer NOT NULL,
  crossing uuid NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  day date NOT NULL,
  connection text COLLATE "C" NOT NULL,
  endpoint text COLLATE "C" NOT NULL,
  PRIMARY KEY (log, crossing)
);

-- Reports of use, as they were handed in. Of one account and kind, the one that was fetched last stands for a day.
CREATE TABLE usage_import (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  -- Which of our accounts at the vendor; '': the only one.
  account text COLLATE "C" NOT NULL,
  shape text COLLATE "C" NOT NULL,
  of text COLLATE "C" NOT NULL,
  name text NOT NULL,
  sha256 bytea NOT NULL,
  bytes bigint NOT NULL,
  buckets integer NOT NULL,
  rows integer NOT NULL,
  -- The first and last day it says anything of.
  first_day date NOT NULL,
  last_day date NOT NULL,
  -- There were pages after the last one that was in it.
  more boolean NOT NULL,
  -- When it was fetched from the vendor.
  as_of timestamptz NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  withdrawn_at timestamptz
);
CREATE UNIQUE INDEX usage_import_once ON usage_import (vendor, account, of, sha256) WHERE withdrawn_at IS NULL;
CREATE INDEX usage_import_by_vendor ON usage_import (vendor, at DESC, id DESC);

-- `whole`: all 24 hours of the day are in it, and were over long enough when it was fetched.
CREATE TABLE usage_day (
  import uuid NOT NULL REFERENCES usage_import (id),
  day date NOT NULL,
  whole boolean NOT NULL,
  -- Where its first span stands in the file.
  line integer NOT NULL,
  PRIMARY KEY (import, day)
);
CREATE INDEX usage_day_by_day ON usage_day (day, import);

CREATE TABLE usage_key_day (
  import uuid NOT NULL REFERENCES usage_import (id),
  day date NOT NULL,
  -- The vendor's id of the key; '': it does not say.
  key text COLLATE "C" NOT NULL,
  batch boolean NOT NULL,
  requests bigint,
  tokens bigint,
  -- In millionths of whatever currency.
  cost bigint,
  line integer NOT NULL,
  PRIMARY KEY (import, day, key, batch)
);

-- What people said of a key that a report names: whose credential it is.
CREATE TABLE usage_key (
  vendor text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  reason text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (vendor, key)
);

-- What people said of a source of evidence: whether what the gateway sends is in it.
CREATE TABLE coverage_source (
  source text PRIMARY KEY,
  sees_gateway boolean NOT NULL,
  reason text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at timestamptz NOT NULL
);

-- Findings that somebody gave a reason for: what was known then, by day. More than that opens it again.
CREATE TABLE coverage_settled (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  finding text COLLATE "C" NOT NULL,
  days jsonb NOT NULL,
  reason text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX coverage_settled_in_force ON coverage_settled (vendor, finding) WHERE ended_at IS NULL;

-- Discovery: how often a name was seen on which day, and the days on which a file of traffic shows anything at all.
ALTER TABLE sighting ADD COLUMN days jsonb NOT NULL DEFAULT '{}';
CREATE TABLE evidence_day (
  source text NOT NULL REFERENCES evidence_source (id),
  file text COLLATE "C" NOT NULL,
  day date NOT NULL,
  via text COLLATE "C" NOT NULL,
  PRIMARY KEY (source, day, via, file)
);
CREATE INDEX evidence_day_by_day ON evidence_day (day);
