-- What `drawbridge scan` looked through and reported: a repository, a folder. `runs`: how many reports there were.
CREATE TABLE scan_source (
  id text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  runs integer NOT NULL
);

CREATE TABLE scan_run (
  id text PRIMARY KEY,
  source text NOT NULL REFERENCES scan_source (id),
  number integer NOT NULL CHECK (number > 0),
  commit_id text,
  by_id text NOT NULL,
  by_name text NOT NULL,
  started_at timestamptz NOT NULL,
  heard_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- All of the source was looked through: what was not found again is gone. Null before the end.
  whole boolean,
  files bigint NOT NULL,
  blobs bigint NOT NULL,
  bytes bigint NOT NULL,
  findings integer NOT NULL,
  -- Batches that were taken: one that comes twice changes nothing.
  batches integer NOT NULL,
  fresh integer NOT NULL,
  gone integer NOT NULL,
  revoked integer NOT NULL,
  -- Keyed hashes of the credentials that are kept, under a key that is kept nowhere; erased at the end.
  proofs jsonb,
  UNIQUE (source, number)
);
CREATE INDEX scan_run_by_caller ON scan_run (by_id, started_at);

CREATE TABLE leak (
  id text PRIMARY KEY,
  -- SHA-256 of what makes two findings one leak.
  same bytea NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('virtual_key', 'credential', 'api_token', 'canary', 'unknown')),
  -- Which key of ours; null: none that is known.
  about text,
  class text NOT NULL,
  detector text NOT NULL,
  confidence text NOT NULL,
  rank smallint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  -- The oldest commit that has it, as its committer's clock said.
  since timestamptz,
  since_commit text,
  state text NOT NULL CHECK (state IN ('open', 'rotated', 'revoked', 'false_alarm', 'accepted')),
  state_at timestamptz,
  state_by text,
  state_by_name text,
  state_reason text,
  until timestamptz,
  CHECK ((kind = 'unknown') = (about IS NULL)),
  CHECK (until IS NULL OR state = 'accepted'),
  CHECK ((state_at IS NULL) = (state_reason IS NULL))
);
CREATE INDEX leak_in_order ON leak (rank DESC, id DESC);

CREATE TABLE leak_place (
  leak text NOT NULL REFERENCES leak (id),
  -- SHA-256 of source, path, whether it is of the history, and how many of the same stand before it there.
  place bytea NOT NULL,
  source text NOT NULL REFERENCES scan_source (id),
  path text NOT NULL,
  history boolean NOT NULL,
  line integer NOT NULL,
  col integer NOT NULL,
  -- Of what stands in a history: a commit that has it.
  commit_id text,
  since timestamptz,
  since_commit text,
  first_run text NOT NULL REFERENCES scan_run (id),
  last_run text NOT NULL REFERENCES scan_run (id),
  seen_at timestamptz NOT NULL,
  gone_run text REFERENCES scan_run (id),
  PRIMARY KEY (leak, place)
);
CREATE INDEX leak_place_standing ON leak_place (source, seen_at) WHERE gone_run IS NULL;
CREATE INDEX leak_place_by_run ON leak_place (first_run);

-- The keys that a leak can be of, whose they are, and since when nothing can be done with them. `hash`: SHA-256 of the
-- whole key; credentials have none here.
CREATE VIEW leak_subject AS
  SELECT 'virtual_key' AS kind, k.id AS about, a.name, a.owner, a.id AS app, NULL::text AS connection,
         k.hash, k.revoked_at AS ended_at
    FROM virtual_key k JOIN app a ON a.id = k.app
  UNION ALL
  SELECT 'credential', c.id, n.name, n.owner, NULL, n.id, NULL, c.dropped_at
    FROM credential c JOIN connection n ON n.id = c.connection
  UNION ALL
  SELECT 'api_token', t.id, t.name, p.name, NULL, NULL, t.hash, t.revoked_at
    FROM api_token t JOIN person p ON p.id = t.person
  UNION ALL
  SELECT 'canary', y.id, y.place, y.owner, NULL, NULL, y.hash, y.retired_at
    FROM canary y;
