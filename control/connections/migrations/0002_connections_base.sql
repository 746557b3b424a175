CREATE TABLE connection (
  id text PRIMARY KEY,
  name text NOT NULL,
  slug text NOT NULL UNIQUE,
  vendor text NOT NULL,
  service text NOT NULL,
  region text NOT NULL,
  scheme text NOT NULL CHECK (scheme IN ('https', 'http')),
  host text NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  private boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'severed')),
  origins text[] NOT NULL,
  owner text NOT NULL,
  contract_id text NOT NULL UNIQUE,
  contract_version integer NOT NULL,
  -- Goes up with every change of the connection, its credential or its contract: the ETag.
  revision integer NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL
);

-- A credential is bound to its connection, version, hosts and the places where the service's pack puts it when it is
-- entered. Dropped or replaced, its wrapped bytes go.
CREATE TABLE credential (
  id text PRIMARY KEY,
  connection text NOT NULL REFERENCES connection (id),
  version integer NOT NULL,
  hosts text[] NOT NULL,
  placements jsonb NOT NULL CHECK (jsonb_array_length(placements) > 0),
  wrapped bytea,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL,
  dropped_at timestamptz,
  UNIQUE (connection, version),
  CHECK ((wrapped IS NULL) = (dropped_at IS NOT NULL))
);
CREATE UNIQUE INDEX credential_in_use ON credential (connection) WHERE dropped_at IS NULL;

CREATE TABLE contract_version (
  connection text NOT NULL REFERENCES connection (id),
  version integer NOT NULL,
  rules jsonb NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (connection, version)
);
