-- Incidents: what is known, who does what, what was decided. Words of people lie sealed; nothing that was entered is overwritten.

CREATE TABLE incident (
  id uuid PRIMARY KEY,
  number integer NOT NULL UNIQUE,
  -- Sealed under the key of files.
  title bytea NOT NULL,
  playbook text COLLATE "C" NOT NULL,
  -- The vendor, or the vendor behind a vendor, that it is about; null: none.
  party text COLLATE "C",
  state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'contained', 'closed', 'merged')),
  severity text COLLATE "C" NOT NULL CHECK (severity IN ('unknown', 'low', 'high', 'critical')),
  drill boolean NOT NULL,
  -- Only its members know of it.
  restricted boolean NOT NULL,
  -- Since when and until when the party was breached, as it stands now; null: unknown.
  occurred_from timestamptz,
  occurred_to timestamptz,
  opened_at timestamptz NOT NULL,
  opened_by text NOT NULL,
  closed_at timestamptz,
  merged_into uuid REFERENCES incident (id),
  entries integer NOT NULL
);
CREATE INDEX incident_by_state ON incident (state, number);

CREATE TABLE incident_member (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  person text COLLATE "C" NOT NULL,
  name text NOT NULL,
  -- lead, scribe, communications, privacy, vendor_contact; empty: may see it.
  roles text[] COLLATE "C" NOT NULL,
  since timestamptz NOT NULL,
  PRIMARY KEY (incident, person)
);

-- One line of the timeline each, in their order. Rows are only ever added.
CREATE TABLE incident_entry (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  n integer NOT NULL,
  kind text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  -- When what it tells happened, or was learned; null: then.
  happened_at timestamptz,
  by_id text NOT NULL,
  by_name text NOT NULL,
  -- An earlier line that this one speaks of: the claim it replaces, the question it answers.
  refers integer,
  -- What kind of fact a claim is of, which task or role it is about.
  about text COLLATE "C",
  due_at timestamptz,
  confidence text COLLATE "C" CHECK (confidence IN ('confirmed', 'likely', 'unverified', 'disputed')),
  -- Its words, sealed: text, source, value.
  sealed bytea NOT NULL,
  PRIMARY KEY (incident, n)
);

CREATE TABLE incident_task (
  id uuid PRIMARY KEY,
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  n integer NOT NULL,
  -- Of the playbook; null: somebody added it.
  key text COLLATE "C",
  phase text COLLATE "C" NOT NULL,
  -- Title, why, note: sealed.
  sealed bytea NOT NULL,
  role text COLLATE "C",
  owner text COLLATE "C",
  owner_name text,
  due_at timestamptz,
  state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'done', 'dropped')),
  ended_at timestamptz,
  ended_by text,
  UNIQUE (incident, n)
);
