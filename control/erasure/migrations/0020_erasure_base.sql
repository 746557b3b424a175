-- Erasure of a subject, and legal holds against it.

-- What is left of an item that spoke of somebody else and named an erased subject beside: the item without that name
-- and without its salt. `bytes` is null then, as nothing of it proves the hash any more; projections read what is left.
ALTER TABLE payload_item ADD COLUMN remainder bytea;
ALTER TABLE payload_item ADD CONSTRAINT payload_item_is_whole_or_remainder CHECK (bytes IS NULL OR remainder IS NULL);

-- Who was asked to be erased lies in `sealed`, which only the vault opens; no other column says it.
CREATE TABLE erasure (
  id uuid PRIMARY KEY,
  state text COLLATE "C" NOT NULL CHECK (state IN ('held', 'done')),
  -- What was recorded until then is erased; what is recorded later is not.
  at timestamptz NOT NULL,
  asked_at timestamptz NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  sealed jsonb NOT NULL,
  -- The holds that stood against it when it was asked for last.
  holds uuid[] NOT NULL DEFAULT '{}',
  done_at timestamptz,
  -- The order in which they were done: whoever takes shipments in reads on from the last one it knows.
  place bigint UNIQUE,
  -- What was erased, what each vendor got, what persists: counts and times, of nobody.
  report jsonb,
  CHECK ((state = 'done') = (place IS NOT NULL)),
  CHECK ((state = 'done') = (done_at IS NOT NULL)),
  CHECK ((state = 'done') = (report IS NOT NULL))
);
CREATE INDEX erasure_by_time ON erasure (asked_at, id);

-- `until`: then the hold ends by itself; null: when it is lifted.
CREATE TABLE legal_hold (
  id uuid PRIMARY KEY,
  set_at timestamptz NOT NULL,
  set_by text NOT NULL,
  reason text NOT NULL,
  until timestamptz,
  lifted_at timestamptz,
  lifted_by text,
  lifted_reason text,
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
  CHECK ((lifted_at IS NULL) = (lifted_reason IS NULL))
);
CREATE INDEX legal_hold_by_time ON legal_hold (set_at, id);
-- Whom a hold is about, while it is not lifted: what is held is in the ledger anyway, under the same pseudonym.
CREATE TABLE legal_hold_subject (
  hold uuid NOT NULL REFERENCES legal_hold (id),
  about text COLLATE "C" NOT NULL CHECK (about IN ('person', 'organisation')),
  pseudonym text COLLATE "C" NOT NULL,
  PRIMARY KEY (pseudonym, about, hold)
);

-- The subjects that holds stand for at a time.
CREATE FUNCTION held_subjects(moment timestamptz) RETURNS TABLE (about text, pseudonym text, hold uuid)
  LANGUAGE sql STABLE AS $$
    SELECT s.about, s.pseudonym, s.hold FROM legal_hold_subject s JOIN legal_hold h ON h.id = s.hold
    WHERE h.lifted_at IS NULL AND (h.until IS NULL OR h.until > moment)
  $$;
-- The crossings that carry an item of a held subject: nothing of them is to be pruned.
CREATE FUNCTION held_crossings(moment timestamptz) RETURNS TABLE (log integer, idx bigint)
  LANGUAGE sql STABLE AS $$
    SELECT DISTINCT c.log, c.idx FROM crossing_subject c
    WHERE c.subject IN (SELECT held.pseudonym FROM held_subjects(moment) AS held)
  $$;
