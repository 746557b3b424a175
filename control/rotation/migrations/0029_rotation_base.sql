-- A credential or a canary key was used by somebody who is not us. Counted up while nobody has looked at it.
CREATE TABLE key_alarm (
  id text PRIMARY KEY,
  -- Alarms with the same text are one, for as long as it is open.
  same text NOT NULL,
  kind text NOT NULL,
  about_kind text NOT NULL,
  about_id text NOT NULL,
  vendor text,
  said text NOT NULL,
  evidence jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL CHECK (last_at >= first_at),
  times integer NOT NULL CHECK (times > 0),
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_by_name text,
  acknowledged_reason text,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_reason IS NULL))
);
CREATE INDEX key_alarm_same ON key_alarm (same, last_at);
CREATE UNIQUE INDEX key_alarm_open ON key_alarm (same) WHERE acknowledged_at IS NULL;

-- While a credential is replaced, another one stands beside it: the next one, of which crossings take a share, and then
-- the previous one.
ALTER TABLE credential ADD COLUMN role text NOT NULL DEFAULT 'in_force'
  CHECK (role IN ('in_force', 'next', 'previous'));
ALTER TABLE credential ADD COLUMN share integer NOT NULL DEFAULT 0
  CHECK (share BETWEEN 0 AND 10000 AND (share = 0 OR role = 'next'));
DROP INDEX credential_in_use;
CREATE UNIQUE INDEX credential_in_use ON credential (connection, role) WHERE dropped_at IS NULL;

-- The credential for the vendor's API for keys, and what that API must be told of our account. Bound to its host.
CREATE TABLE vendor_admin (
  connection text PRIMARY KEY REFERENCES connection (id),
  version integer NOT NULL,
  scheme text NOT NULL CHECK (scheme IN ('https', 'http')),
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  private boolean NOT NULL,
  place jsonb NOT NULL,
  parameters jsonb NOT NULL,
  wrapped bytea NOT NULL,
  wrapped_key integer GENERATED ALWAYS AS (wrapped_key_version(wrapped)) STORED REFERENCES data_key (version),
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL
);

-- A credential that is being replaced, and those that were. The rules of its steps are in rules.ts.
CREATE TABLE rotation (
  id text PRIMARY KEY,
  connection text NOT NULL REFERENCES connection (id),
  how text NOT NULL CHECK (how IN ('api', 'guided')),
  step text NOT NULL,
  since timestamptz NOT NULL,
  failed integer NOT NULL,
  needs text,
  switched boolean NOT NULL,
  plan jsonb NOT NULL,
  from_version integer NOT NULL,
  to_version integer,
  -- What the vendor calls the two keys: no secret. The name finds what was made by a call whose answer was lost.
  key_name text NOT NULL,
  old_refs jsonb NOT NULL,
  new_refs jsonb,
  -- The configuration that has the switch in it, and its version once it was published.
  switch_revision bigint,
  switch_version bigint,
  -- When we last called with the old key ourselves, beside crossings.
  old_probed_at timestamptz,
  -- What was said of the last failure: a sentence for people, never what a vendor wrote.
  said text,
  due_at timestamptz NOT NULL,
  reason text NOT NULL,
  started_at timestamptz NOT NULL,
  started_by text NOT NULL,
  started_by_name text NOT NULL,
  ended_at timestamptz,
  revision integer NOT NULL,
  CHECK ((ended_at IS NOT NULL) = (step IN ('done', 'undone')))
);
CREATE UNIQUE INDEX rotation_open ON rotation (connection) WHERE ended_at IS NULL;
CREATE INDEX rotation_by_start ON rotation (started_at);

CREATE TABLE rotation_step (
  rotation text NOT NULL REFERENCES rotation (id),
  n integer NOT NULL,
  at timestamptz NOT NULL,
  step text NOT NULL,
  needs text,
  by_name text NOT NULL,
  said text,
  PRIMARY KEY (rotation, n)
);

-- How often a connection's credential is to be replaced, where that differs from the setting.
CREATE TABLE rotation_policy (
  connection text PRIMARY KEY REFERENCES connection (id),
  every_days integer CHECK (every_days > 0),
  automatic boolean NOT NULL
);

-- What makes credentials due beside their age. It holds until each one that it means was replaced.
CREATE TABLE rotation_event (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('person_left', 'vendor_breached', 'seen_elsewhere')),
  vendor text,
  connection text REFERENCES connection (id),
  at timestamptz NOT NULL,
  by_name text NOT NULL,
  reason text NOT NULL,
  CHECK (vendor IS NULL OR connection IS NULL)
);

-- A projection: how each version of a credential was used. Version 0: crossings that do not say, as there was only one.
CREATE TABLE credential_use (
  connection text NOT NULL,
  version integer NOT NULL,
  sent bigint NOT NULL,
  -- Answered with anything but 401 and 403; with 401; with 403.
  answered bigint NOT NULL,
  unauthorised bigint NOT NULL,
  forbidden bigint NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (connection, version)
);
-- Crossings that say their version and are not settled yet.
CREATE TABLE credential_crossing (
  log integer NOT NULL,
  crossing text NOT NULL,
  idx bigint NOT NULL,
  connection text NOT NULL,
  version integer NOT NULL,
  PRIMARY KEY (log, crossing)
);
