CREATE TABLE app (
  id text PRIMARY KEY,
  name text NOT NULL,
  owner text NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL
);

-- Only the SHA-256 of a virtual key is kept.
CREATE TABLE virtual_key (
  id text PRIMARY KEY,
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  app text NOT NULL REFERENCES app (id),
  kind text NOT NULL CHECK (kind IN ('secret', 'publishable')),
  connections text[] NOT NULL,
  classes text[] NOT NULL,
  origins text[] NOT NULL,
  per_minute integer,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);
CREATE INDEX virtual_key_by_age ON virtual_key (created_at, id);
CREATE INDEX virtual_key_of_app ON virtual_key (app, created_at, id);
