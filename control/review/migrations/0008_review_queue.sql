-- Names that no rule knows, by keyed hash, for a person to decide about.
CREATE TABLE review_name (
  connection text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  shape text COLLATE "C" NOT NULL,
  -- Crossings in which it was seen.
  seen bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- The smallest pseudonyms of who sent it, at most five: five means five or more.
  subjects text[] COLLATE "C" NOT NULL,
  -- Arrives only after five subjects have sent it somewhere; shown only when five are counted here.
  name text COLLATE "C",
  PRIMARY KEY (connection, kind, hash)
);
CREATE INDEX review_name_by_time ON review_name (last_seen_at, connection, kind, hash);

-- What people decided. Not a projection: rebuilding the queue leaves it alone.
CREATE TABLE review_decision (
  connection text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  decision text NOT NULL CHECK (decision IN ('allow', 'keep')),
  decided_at timestamptz NOT NULL,
  decided_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (connection, kind, hash)
);
