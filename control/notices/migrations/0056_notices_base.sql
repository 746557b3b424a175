-- Fact sheets, what is made of them for each reader, and to whom it went. Words and addresses lie sealed.

CREATE TABLE fact_sheet (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version > 0),
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL,
  made_by_id text NOT NULL,
  made_by text NOT NULL,
  PRIMARY KEY (incident, version)
);

CREATE TABLE notice (
  id uuid PRIMARY KEY,
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  number integer NOT NULL,
  template text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  -- For which reader, where there are several of a kind: a customer's name, sealed; null: all.
  reader bytea,
  state text COLLATE "C" NOT NULL
    CHECK (state IN ('draft', 'review', 'approved', 'sending', 'sent', 'exported', 'withdrawn')),
  version integer NOT NULL,
  sheet_version integer NOT NULL,
  -- The notice that this one is the later version of.
  follows uuid REFERENCES notice (id),
  edited_by_id text NOT NULL,
  edited_by text NOT NULL,
  edited_at timestamptz NOT NULL,
  approved_by_id text,
  approved_by text,
  approved_at timestamptz,
  -- SHA-256 of what was approved, as the log of changes has it.
  approved_hash text COLLATE "C",
  -- The part after @ of its Message-IDs, set when sending begins.
  domain text COLLATE "C",
  sending_since timestamptz,
  sent_at timestamptz,
  next_try_at timestamptz,
  trouble text,
  failures integer NOT NULL DEFAULT 0,
  UNIQUE (incident, number)
);
CREATE INDEX notice_sending ON notice (next_try_at) WHERE state = 'sending';

-- Every text that a notice had. Rows are only ever added.
CREATE TABLE notice_text (
  notice uuid NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  version integer NOT NULL,
  sealed bytea NOT NULL,
  hash text COLLATE "C" NOT NULL,
  sheet_version integer NOT NULL,
  edited_by text NOT NULL,
  edited_at timestamptz NOT NULL,
  PRIMARY KEY (notice, version)
);

CREATE TABLE notice_recipient (
  notice uuid NOT NULL REFERENCES notice (id) ON DELETE CASCADE,
  n integer NOT NULL,
  -- The same person or address only once in a notice: of the ledger's person, or a place in a list that was entered.
  key text COLLATE "C" NOT NULL,
  -- Address and name.
  sealed bytea NOT NULL,
  state text COLLATE "C" NOT NULL
    CHECK (state IN ('waiting', 'trying', 'sent', 'refused', 'gave_up', 'in_doubt', 'left_out')),
  attempts integer NOT NULL DEFAULT 0,
  next_try_at timestamptz,
  at timestamptz,
  code text COLLATE "C",
  -- What the server said: it may quote the address.
  answer bytea,
  PRIMARY KEY (notice, n),
  UNIQUE (notice, key)
);
CREATE INDEX notice_recipient_due ON notice_recipient (notice, next_try_at, n) WHERE state = 'waiting';
CREATE INDEX notice_recipient_by_state ON notice_recipient (notice, state, n);

-- The only ones to whom anything of a drill goes.
CREATE TABLE notice_drill_recipients (
  incident uuid PRIMARY KEY REFERENCES incident (id) ON DELETE CASCADE,
  sealed bytea NOT NULL,
  entered_at timestamptz NOT NULL,
  entered_by text NOT NULL
);

-- GDPR Art. 33(5): every breach, notified or not. Rows are only ever added.
CREATE TABLE breach_entry (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  version integer NOT NULL CHECK (version > 0),
  authority text COLLATE "C" NOT NULL CHECK (authority IN ('undecided', 'notified', 'not_notified')),
  persons text COLLATE "C" NOT NULL CHECK (persons IN ('undecided', 'told', 'not_told')),
  sealed bytea NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  PRIMARY KEY (incident, version)
);
