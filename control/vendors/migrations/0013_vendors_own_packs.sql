-- Packs that people entered for vendors that are not shipped. The text is kept as it was entered, with every version;
-- a vendor without a current version was removed.
CREATE TABLE own_pack (
  vendor text PRIMARY KEY,
  version integer NOT NULL CHECK (version > 0),
  is_removed boolean NOT NULL
);

CREATE TABLE own_pack_version (
  vendor text NOT NULL REFERENCES own_pack (vendor),
  version integer NOT NULL CHECK (version > 0),
  text text NOT NULL CHECK (length(text) <= 1048576),
  author text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (vendor, version)
);
