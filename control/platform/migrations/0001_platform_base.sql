-- One organisation per deployment.
CREATE TABLE deployment (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  id text NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE setting (
  key text PRIMARY KEY,
  value jsonb NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  reason text NOT NULL
);

-- Who changed what, and why. Written in the transaction of the change itself.
CREATE TABLE change (
  id text PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  act text NOT NULL,
  subject_kind text NOT NULL,
  subject_id text NOT NULL,
  detail jsonb NOT NULL
);
CREATE INDEX change_subject ON change (subject_kind, subject_id, at DESC);

-- Work that must happen, once, whoever dies meanwhile.
CREATE TABLE job (
  id text PRIMARY KEY,
  kind text NOT NULL,
  idempotency_key text NOT NULL,
  input jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  max_attempts integer NOT NULL,
  run_after timestamptz NOT NULL,
  leased_until timestamptz,
  lease_owner text,
  last_error text,
  result jsonb,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  UNIQUE (kind, idempotency_key)
);
CREATE INDEX job_due ON job (run_after) WHERE state IN ('waiting', 'running');

-- Answers of POSTs that carried an Idempotency-Key. The answer is stored sealed, as it may hold a key shown once.
CREATE TABLE idempotency (
  actor text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  status integer,
  response bytea,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor, key)
);
