-- What an organisation itself knows, so that it is found in texts: patterns, people and organisations, words, secrets.

CREATE TABLE own_pattern (
  id text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL CHECK (version > 0),
  state text COLLATE "C" NOT NULL CHECK (state IN ('enabled', 'disabled', 'removed'))
);
-- Versions never change.
CREATE TABLE own_pattern_version (
  pattern text COLLATE "C" NOT NULL REFERENCES own_pattern (id) ON DELETE CASCADE,
  version integer NOT NULL,
  name text NOT NULL,
  class text COLLATE "C" NOT NULL,
  expression text NOT NULL,
  flags text COLLATE "C" NOT NULL CHECK (flags IN ('', 'i')),
  confidence text COLLATE "C" NOT NULL CHECK (confidence IN ('certain', 'likely', 'possible')),
  finds jsonb NOT NULL,
  passes jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (pattern, version)
);
CREATE TRIGGER own_pattern_configuration AFTER INSERT OR UPDATE OR DELETE ON own_pattern
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- What lists hold lies sealed under this key, which only the vault opens.
CREATE TABLE known_list_key (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  sealed jsonb NOT NULL
);

CREATE TABLE known_list (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('people', 'words')),
  -- Of words; of people each form has its own.
  class text COLLATE "C",
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  -- Goes up with every change of what it holds.
  revision bigint NOT NULL,
  entries integer NOT NULL,
  forms integer NOT NULL,
  imported_at timestamptz,
  imported_by text,
  CHECK ((kind = 'words') = (class IS NOT NULL))
);
CREATE UNIQUE INDEX known_list_by_name ON known_list (lower(name));
CREATE TRIGGER known_list_configuration AFTER INSERT OR UPDATE OR DELETE ON known_list
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

CREATE TABLE known_entry (
  id uuid PRIMARY KEY,
  list uuid NOT NULL REFERENCES known_list (id) ON DELETE CASCADE,
  -- Keyed hash of what it is known by, and of all that it says.
  external text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  -- Pseudonyms in the ledger, by which an erasure finds it.
  subjects text[] COLLATE "C" NOT NULL,
  sealed bytea NOT NULL,
  -- Keyed hashes of the forms in which it is found, 22 bytes each.
  forms bytea NOT NULL,
  UNIQUE (list, external)
);
CREATE INDEX known_entry_by_subject ON known_entry USING gin (subjects);
CREATE INDEX known_entry_by_place ON known_entry (list, id);

-- Of the secret itself only a keyed hash is kept.
CREATE TABLE registered_secret (
  id uuid PRIMARY KEY,
  label text NOT NULL,
  owner text NOT NULL,
  class text COLLATE "C" NOT NULL,
  hash bytea NOT NULL,
  length integer NOT NULL CHECK (length BETWEEN 8 AND 1024),
  registered_at timestamptz NOT NULL,
  registered_by text NOT NULL
);
CREATE UNIQUE INDEX registered_secret_by_label ON registered_secret (lower(label));
CREATE UNIQUE INDEX registered_secret_by_hash ON registered_secret (hash);
CREATE TRIGGER registered_secret_configuration AFTER INSERT OR UPDATE OR DELETE ON registered_secret
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
