-- Evidence that people handed in: what was read, in which run, and what each file says. Of a file only names are kept, never
-- what it holds.
CREATE TABLE evidence_source (
  id text PRIMARY KEY,
  name text NOT NULL UNIQUE,
  runs integer NOT NULL
);

CREATE TABLE evidence_run (
  id text PRIMARY KEY,
  source text NOT NULL REFERENCES evidence_source (id),
  number integer NOT NULL CHECK (number > 0),
  by_id text NOT NULL,
  by_name text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- All of the source was handed in: what was not seen again is gone. Null before the end.
  whole boolean,
  fresh integer NOT NULL DEFAULT 0,
  gone integer NOT NULL DEFAULT 0,
  changed integer NOT NULL DEFAULT 0,
  UNIQUE (source, number)
);
CREATE INDEX evidence_run_by_time ON evidence_run (started_at DESC, id DESC);

CREATE TABLE evidence_file (
  run text NOT NULL REFERENCES evidence_run (id),
  name text COLLATE "C" NOT NULL,
  -- Null: nothing that is known, or refused before it was known.
  format text,
  bytes bigint NOT NULL,
  lines bigint NOT NULL,
  sha256 bytea NOT NULL,
  sightings integer NOT NULL,
  -- What was left out: the first ones, and how many in all.
  unread jsonb NOT NULL,
  unread_count integer NOT NULL,
  -- Why the file as a whole was not read. Null: it was.
  refused text,
  refused_why text,
  at timestamptz NOT NULL,
  PRIMARY KEY (run, name)
);

-- One name as a source shows it, in one file. Rows stay when the name is gone: evidence has a history.
CREATE TABLE sighting (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL REFERENCES evidence_source (id),
  -- SHA-256 of file, kind, value, grade and detail.
  print bytea NOT NULL,
  file text COLLATE "C" NOT NULL,
  kind text NOT NULL,
  value text COLLATE "C" NOT NULL,
  grade smallint NOT NULL CHECK (grade BETWEEN 0 AND 3),
  detail jsonb NOT NULL,
  lines integer[] NOT NULL,
  count bigint NOT NULL,
  first_at timestamptz,
  last_at timestamptz,
  bytes_out bigint NOT NULL,
  bytes_in bigint NOT NULL,
  addresses text[] NOT NULL,
  fields text[] NOT NULL,
  first_run text NOT NULL REFERENCES evidence_run (id),
  last_run text NOT NULL REFERENCES evidence_run (id),
  gone_run text REFERENCES evidence_run (id),
  -- The last run in which it came back, or in which fields were sent that were not before.
  changed_run text REFERENCES evidence_run (id),
  -- Whose it is, as far as it is known: made anew when decisions or facts change.
  vendor text COLLATE "C",
  vendor_name text,
  ground text,
  sure boolean NOT NULL DEFAULT false,
  service text,
  region text,
  candidate text COLLATE "C",
  UNIQUE (source, print)
);
CREATE INDEX sighting_by_candidate ON sighting (candidate, grade, id) WHERE candidate IS NOT NULL;
CREATE INDEX sighting_by_vendor ON sighting (vendor, grade, id) WHERE vendor IS NOT NULL;
CREATE INDEX sighting_by_run ON sighting (last_run);

-- What sightings may be one vendor. Sums of `sighting`, and what people decided.
CREATE TABLE candidate (
  key text COLLATE "C" PRIMARY KEY,
  vendor text COLLATE "C",
  name text COLLATE "C" NOT NULL,
  sure boolean NOT NULL,
  grade smallint NOT NULL,
  confidence real NOT NULL,
  kinds text[] NOT NULL,
  sources integer NOT NULL,
  sightings integer NOT NULL,
  -- Sightings that are not gone.
  live integer NOT NULL,
  first_at timestamptz,
  last_at timestamptz,
  -- When it was first seen here.
  since timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected'))
);
CREATE INDEX candidate_in_order ON candidate (state, grade, confidence DESC, key);
CREATE INDEX candidate_since ON candidate (since DESC);

-- What people said of candidates. The last one that was not taken back holds, also for what comes later.
CREATE TABLE discovery_decision (
  id text PRIMARY KEY,
  candidate text COLLATE "C" NOT NULL,
  act text NOT NULL CHECK (act IN ('confirm', 'reject', 'split')),
  vendor text COLLATE "C",
  vendor_name text,
  reason text NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  at timestamptz NOT NULL,
  ended_at timestamptz,
  CHECK ((act = 'confirm') = (vendor IS NOT NULL))
);
CREATE UNIQUE INDEX discovery_decision_in_force ON discovery_decision (candidate) WHERE ended_at IS NULL;

-- Under which facts sightings were last said to be somebody's. Other facts: they are looked at anew.
CREATE TABLE discovery_facts (
  one boolean PRIMARY KEY CHECK (one),
  hash text NOT NULL
);
