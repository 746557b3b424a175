-- The gateways' journals, as they were shipped, and what is read off them: crossings and their counts.

-- One log per gateway worker. `next_index`: the first entry not yet stored; its row lock orders shipments of one log.
CREATE TABLE journal_log (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  origin text NOT NULL UNIQUE,
  gateway text NOT NULL,
  next_index bigint NOT NULL DEFAULT 0,
  last_stored_at timestamptz NOT NULL
);

-- Leaves and settlements, byte for byte. `at` is the entry's own time: the key of partitions to come.
CREATE TABLE journal_entry (
  log integer NOT NULL,
  idx bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('crossing', 'settlement')),
  crossing uuid NOT NULL,
  at timestamptz NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (log, idx)
);

-- One subject's part of a crossing's payload. Erased: bytes null; the hash stays, so that the rest still proves.
CREATE TABLE payload_item (
  log integer NOT NULL,
  idx bigint NOT NULL,
  item integer NOT NULL,
  hash bytea NOT NULL,
  bytes bytea,
  PRIMARY KEY (log, idx, item)
);

-- How far each projection has read each log. Written in the transaction that writes the projection's rows.
CREATE TABLE projection_cursor (
  projection text NOT NULL,
  log integer NOT NULL,
  next_index bigint NOT NULL,
  PRIMARY KEY (projection, log)
);

-- From here on: projections. Ids are given by the one writer (highest + 1), so that a rebuild needs no sequences.

-- Crossings that are alike in all but time, ids and sizes. Filters and counts work on kinds, of which there are few.
-- `classes` and `treatments` go together; in a refused crossing nothing was sent, so every treatment is `refuse`.
CREATE TABLE crossing_kind (
  id integer PRIMARY KEY,
  signature text COLLATE "C" NOT NULL UNIQUE,
  vendor text NOT NULL,
  service text NOT NULL,
  connection text NOT NULL,
  app text NOT NULL,
  key text NOT NULL,
  endpoint text NOT NULL,
  class text NOT NULL,
  method text NOT NULL,
  decision text NOT NULL,
  reason text,
  stage text,
  classes text[] NOT NULL,
  treatments text[] NOT NULL
);

CREATE TABLE crossing (
  log integer NOT NULL,
  idx bigint NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  kind integer NOT NULL,
  settlement_idx bigint,
  outcome text,
  status integer,
  duration_us bigint,
  PRIMARY KEY (log, idx)
) WITH (fillfactor = 85);
CREATE INDEX crossing_by_id ON crossing (id);
CREATE INDEX crossing_by_time ON crossing (at, log, idx);
CREATE INDEX crossing_by_kind ON crossing (kind, at, log, idx);

-- Which crossings carried an item of a subject.
CREATE TABLE crossing_subject (
  subject text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  log integer NOT NULL,
  idx bigint NOT NULL,
  PRIMARY KEY (subject, at, log, idx)
);

CREATE TABLE crossing_day (
  kind integer NOT NULL,
  day date NOT NULL,
  crossings bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (kind, day)
);

-- Counts by minute, for "the last 24 hours". Kept for 49 hours before the newest crossing.
CREATE TABLE crossing_minute (
  minute timestamptz NOT NULL,
  kind integer NOT NULL,
  crossings bigint NOT NULL,
  PRIMARY KEY (minute, kind)
);
