-- The root log's entries are signed checkpoints of the deployment's other logs. Its own files say what is so; these tables
-- are to find it by, and are made again from the files. `log`: the root log's own origin, another in each of its epochs.
CREATE TABLE root_entry (
  log text NOT NULL,
  log_index bigint NOT NULL,
  origin text NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL CHECK (length(root) = 32),
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (log, log_index)
);
CREATE INDEX root_entry_by_log ON root_entry (log, origin, size);

-- The logs that are taken in. An edge, of logs whose tree is computed from stored entries: the hashes of the largest complete
-- subtrees of the tree that was taken in last, 32 bytes each, from left to right. What keeps more from being taken in.
CREATE TABLE root_source (
  origin text PRIMARY KEY,
  edge_size bigint NOT NULL DEFAULT 0,
  edge bytea NOT NULL DEFAULT '',
  trouble_code text,
  trouble_text text,
  trouble_since timestamptz
);

-- What each witness answered last, and what it has cosigned last. `key`: its name and the ID of its key.
CREATE TABLE root_witness (
  key text PRIMARY KEY,
  size bigint NOT NULL DEFAULT 0,
  cosigned_at timestamptz,
  trouble_code text,
  trouble_text text,
  trouble_since timestamptz
);

-- The root log's newest checkpoint that enough witnesses have cosigned, by the log's origin, before it is published.
CREATE TABLE root_published (
  origin text PRIMARY KEY,
  size bigint NOT NULL,
  note text NOT NULL,
  published_at timestamptz NOT NULL
);
