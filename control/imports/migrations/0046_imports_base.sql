-- What others publish of vendors, as the organisation took it in for its own use. It is a second source beside the facts that are
-- shipped: each row says by its source whose word it is. Taking a source out takes all of it out.
CREATE TABLE vendor_import (
  -- The kind of the source; of answers, with the vendor: 'caiq:acme'.
  source text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  -- Whose answers these are; null: the source speaks of many.
  vendor text COLLATE "C",
  version text NOT NULL,
  -- The day that this version is of.
  as_of date NOT NULL,
  file text NOT NULL,
  sha256 bytea NOT NULL,
  bytes bigint NOT NULL,
  vendors integer NOT NULL,
  domains integer NOT NULL,
  answers integer NOT NULL,
  -- [{ "what": text, "count": number }]
  left_out jsonb NOT NULL,
  imported_at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  CHECK ((kind = 'caiq') = (vendor IS NOT NULL))
);

CREATE TABLE imported_vendor (
  source text COLLATE "C" NOT NULL REFERENCES vendor_import ON DELETE CASCADE,
  -- What the source calls it by.
  key text COLLATE "C" NOT NULL,
  name text NOT NULL,
  -- The name as names are compared: small letters, without what kind of company it is.
  compared text COLLATE "C" NOT NULL,
  domains text[] NOT NULL,
  facts jsonb NOT NULL,
  PRIMARY KEY (source, key)
);
CREATE INDEX imported_vendor_by_name ON imported_vendor (compared);
CREATE INDEX imported_vendor_by_domain ON imported_vendor USING gin (domains);

CREATE TABLE imported_answer (
  source text COLLATE "C" NOT NULL REFERENCES vendor_import ON DELETE CASCADE,
  -- Its id in the questionnaire: 'IAM-14.1'.
  question text COLLATE "C" NOT NULL,
  asked text NOT NULL,
  answer text NOT NULL CHECK (answer IN ('yes', 'no', 'not_applicable')),
  -- Who sees to it, in the file's own words; '': it does not say.
  owner text NOT NULL,
  explanation text NOT NULL,
  PRIMARY KEY (source, question)
);
