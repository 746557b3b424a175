-- The gateways' logs as their checkpoints state them, verified against the entries that are stored here. `log`: journal_log.id.

-- From a log's first checkpoint on. The key is bound at first sight and never changes.
-- `read_size`, `read_edge`: the tree over the entries that were hashed so far, while a long log is read for the first time.
-- An edge: the hashes of the tree's largest complete subtrees, 32 bytes each, from left to right.
CREATE TABLE log_key (
  log integer PRIMARY KEY,
  verifier_key text NOT NULL,
  bound_at timestamptz NOT NULL,
  read_size bigint NOT NULL DEFAULT 0,
  read_edge bytea NOT NULL DEFAULT ''
);

-- Checkpoints that agree with the stored entries: the newest of each log, and those of the hour before it.
-- `signed_at` is the gateway's word.
CREATE TABLE log_checkpoint (
  log integer NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL CHECK (length(root) = 32),
  edge bytea NOT NULL,
  note text NOT NULL,
  signed_at timestamptz,
  verified_at timestamptz NOT NULL,
  PRIMARY KEY (log, size)
);

-- Evidence, as it was posted, and kept for ever: the first 20 of each log; later ones are counted on the last of them.
-- `our_root`: of the tree of that size over the entries as they are stored; null where it was not computed.
CREATE TABLE log_contradiction (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  log integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('other_key', 'not_signed', 'other_root', 'went_back', 'entries_missing')),
  verifier_key text NOT NULL,
  note text NOT NULL,
  our_root bytea,
  found_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  times bigint NOT NULL DEFAULT 1
);
CREATE INDEX log_contradiction_by_log ON log_contradiction (log, id);
