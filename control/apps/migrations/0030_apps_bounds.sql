-- What a virtual key may ask for and where it may be used from; NULL: anything, anywhere. `person`: whose own key it is.
ALTER TABLE virtual_key
  ADD COLUMN models text[],
  ADD COLUMN networks text[],
  ADD COLUMN person text;
CREATE INDEX virtual_key_of_person ON virtual_key (person) WHERE person IS NOT NULL;

-- Projection: what each virtual key was used for, by UTC day. `model` and `network`: '' where records do not say.
CREATE TABLE key_use_day (
  key text NOT NULL,
  day date NOT NULL,
  app text NOT NULL,
  connection text NOT NULL,
  class text NOT NULL,
  model text COLLATE "C" NOT NULL,
  network text COLLATE "C" NOT NULL,
  decision text NOT NULL,
  crossings bigint NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (key, day, connection, class, model, network, decision)
);

-- Projection: records of uses of planted keys.
CREATE TABLE canary_use (
  log integer NOT NULL,
  idx bigint NOT NULL,
  crossing uuid NOT NULL,
  canary text NOT NULL,
  at timestamptz NOT NULL,
  connection text NOT NULL,
  endpoint text NOT NULL,
  PRIMARY KEY (log, idx)
);

-- Where entries were pruned before, projections that are new begin at the horizon, with nothing.
DO $$
BEGIN
  IF to_regnamespace('drawbridge_horizon') IS NOT NULL THEN
    CREATE TABLE drawbridge_horizon.key_use_day (LIKE key_use_day INCLUDING ALL);
    CREATE TABLE drawbridge_horizon.canary_use (LIKE canary_use INCLUDING ALL);
  END IF;
END $$;

-- Planted keys that nobody uses. Only the SHA-256 of the text is kept.
CREATE TABLE canary (
  id text PRIMARY KEY,
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
  -- 'drawbridge', or a vendor of the packs.
  vendor text NOT NULL,
  form text NOT NULL,
  place text NOT NULL,
  owner text NOT NULL,
  planted_at timestamptz NOT NULL,
  planted_by text NOT NULL,
  retired_at timestamptz
);
CREATE TRIGGER canary_configuration AFTER INSERT OR UPDATE OR DELETE ON canary
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- What gateways told at once of a use: the address it came from. Deleted after 180 days.
CREATE TABLE canary_source (
  crossing uuid PRIMARY KEY,
  canary text NOT NULL,
  at timestamptz NOT NULL,
  address text,
  client text NOT NULL,
  connection text NOT NULL,
  endpoint text NOT NULL
);
CREATE INDEX canary_source_by_age ON canary_source (at);

-- Keys that are held elsewhere, as lists of vendors and clouds say them. Never a key itself.
CREATE TABLE held_key (
  id text PRIMARY KEY,
  source text NOT NULL,
  external_id text NOT NULL,
  label text NOT NULL,
  kind text NOT NULL,
  owner text,
  place text,
  scopes text[] NOT NULL,
  made_at timestamptz,
  rotated_at timestamptz,
  last_used_at timestamptz,
  -- Whether the source says last uses at all: without that, no last use is unknown and not never.
  tells_use boolean NOT NULL,
  expires_at timestamptz,
  active boolean NOT NULL,
  first_listed_at timestamptz NOT NULL,
  last_listed_at timestamptz NOT NULL,
  gone_at timestamptz,
  UNIQUE (source, external_id)
);
CREATE INDEX held_key_by_label ON held_key (source, label, id);

-- When a source was last imported, and what came of it.
CREATE TABLE held_key_import (
  source text PRIMARY KEY,
  format text NOT NULL,
  imported_at timestamptz NOT NULL,
  imported_by text NOT NULL,
  keys integer NOT NULL,
  refused integer NOT NULL
);
