-- Who stands behind whom: vendors and their sub-processors as one directed graph, and the lists that vendors publish.

-- Names of vendors that no pack's facts name, as whoever entered them gave them.
CREATE TABLE chain_vendor (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL
);

-- What was declared, observed or inferred. That we use a vendor through the gateway is computed and stands not here.
CREATE TABLE chain_edge (
  id uuid PRIMARY KEY,
  from_vendor text COLLATE "C" NOT NULL,
  to_vendor text COLLATE "C" NOT NULL,
  layer text COLLATE "C" NOT NULL CHECK (layer IN ('declared', 'observed', 'inferred')),
  -- Empty: nobody knows what kinds of data go over it.
  scopes text[] NOT NULL,
  source_kind text COLLATE "C" NOT NULL CHECK (source_kind IN ('url', 'file', 'evidence', 'list', 'gateway', 'connection', 'accounts')),
  source text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  valid_from timestamptz,
  valid_until timestamptz,
  -- [{ "kind": "plan" | "region" | "option", "is": text }]
  conditions jsonb NOT NULL,
  conditions_text text,
  note text,
  CHECK (from_vendor <> to_vendor),
  CHECK (to_vendor <> 'us'),
  CHECK (first_seen_at <= last_seen_at),
  CHECK (valid_until IS NULL OR valid_until > coalesce(valid_from, first_seen_at))
);
-- A pair has one edge per layer at a time; what ended stays, for the time slider.
CREATE UNIQUE INDEX chain_edge_open ON chain_edge (from_vendor, to_vendor, layer) WHERE valid_until IS NULL;
CREATE INDEX chain_edge_by_pair ON chain_edge (from_vendor, to_vendor, layer);
CREATE INDEX chain_edge_by_target ON chain_edge (to_vendor);

-- One version of the list of sub-processors that a vendor publishes.
CREATE TABLE chain_list (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  taken_at timestamptz NOT NULL,
  taken_by text NOT NULL,
  as_of timestamptz NOT NULL,
  source_kind text COLLATE "C" NOT NULL CHECK (source_kind IN ('url', 'file')),
  source text NOT NULL,
  format text COLLATE "C" NOT NULL,
  -- SHA-256 of its rows in canonical JSON.
  hash bytea NOT NULL,
  rows jsonb NOT NULL,
  -- How long one may object to a new one, in days; null: nobody said.
  objection_days integer CHECK (objection_days BETWEEN 0 AND 365),
  UNIQUE (vendor, version)
);

-- Which vendor a row of a list is, as a person decided; target null: none that belongs into the chain.
CREATE TABLE chain_match (
  vendor text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  target text COLLATE "C",
  decided_at timestamptz NOT NULL,
  decided_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (vendor, key)
);

-- A sub-processor that is new on a list waits until a person looked at it.
CREATE TABLE chain_review (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  list uuid NOT NULL REFERENCES chain_list,
  key text COLLATE "C" NOT NULL,
  name text NOT NULL,
  opened_at timestamptz NOT NULL,
  objection_days integer,
  due_at timestamptz,
  state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'accepted', 'objected', 'withdrawn')),
  decided_at timestamptz,
  decided_by text,
  reason text
);
CREATE UNIQUE INDEX chain_review_open ON chain_review (vendor, key) WHERE state = 'open';
CREATE INDEX chain_review_by_time ON chain_review (opened_at DESC, id DESC);
