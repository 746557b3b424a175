-- Obligations: duties with a deadline and a recipient. Who we are, what starts and ends an incident's clocks, and who is reminded.

-- What is set for the whole organisation, whole and anew at each change: no revision is overwritten.
CREATE TABLE obligation_document (
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('profile', 'reviews', 'own_rules', 'reminders')),
  revision integer NOT NULL CHECK (revision > 0),
  -- JSON, sealed under the key of files.
  sealed bytea NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (kind, revision)
);

-- Times of knowing and answers of an incident, in the order in which they were entered. The last one of a name holds; rows are only added.
CREATE TABLE obligation_entry (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  n integer NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('time', 'answer')),
  name text COLLATE "C" NOT NULL,
  -- An instant with its offset, or one of the question's choices; null: taken back.
  value text COLLATE "C",
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (incident, n)
);

-- How clocks ended, in the order in which it was entered. Rows are only added: what was entered in error is reopened.
CREATE TABLE obligation_end (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  n integer NOT NULL,
  rule text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('submitted', 'not_required', 'late', 'reopened')),
  -- What, when, receipt, why; a rule of our own as it stood then: sealed.
  sealed bytea NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (incident, n)
);

-- Somebody who leads the incident says that they know of a clock.
CREATE TABLE obligation_acknowledgement (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  rule text COLLATE "C" NOT NULL,
  due_at timestamptz NOT NULL,
  at timestamptz NOT NULL,
  by_id text NOT NULL,
  by_name text NOT NULL,
  PRIMARY KEY (incident, rule, due_at)
);

-- Addresses of calendars: whoever has one reads what its owner may see.
CREATE TABLE obligation_feed (
  id uuid PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  -- SHA-256 of the token in the address; the token itself is kept nowhere.
  token_hash bytea NOT NULL UNIQUE,
  made_at timestamptz NOT NULL,
  last_read_at timestamptz,
  ended_at timestamptz
);
CREATE INDEX obligation_feed_of ON obligation_feed (owner, made_at);

-- How often a calendar entry changed: calendars take a change for one only where its SEQUENCE grew.
CREATE TABLE obligation_event (
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  rule text COLLATE "C" NOT NULL,
  sequence integer NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (incident, rule)
);

-- Secrets of the channels that reminders go through, sealed.
CREATE TABLE obligation_secret (
  channel text COLLATE "C" PRIMARY KEY,
  sealed bytea NOT NULL,
  changed_at timestamptz NOT NULL
);

-- One row for each clock, due time, moment and recipient: who makes it sends it, and nobody sends it again.
CREATE TABLE obligation_reminder (
  id uuid PRIMARY KEY,
  incident uuid NOT NULL REFERENCES incident (id) ON DELETE CASCADE,
  rule text COLLATE "C" NOT NULL,
  -- The strict time; of a duty without a number, when it started.
  due_at timestamptz NOT NULL,
  -- start, half, before_24h, late, escalation, …
  moment text COLLATE "C" NOT NULL,
  moment_at timestamptz NOT NULL,
  -- Id of a channel, with a person's id where it goes to each of several; deputy.
  recipient text COLLATE "C" NOT NULL,
  -- Whether the receiver knows a repetition by its id: then what is in doubt is sent again.
  repeatable boolean NOT NULL,
  state text COLLATE "C" NOT NULL
    CHECK (state IN ('pending', 'sending', 'sent', 'in_doubt', 'failed', 'superseded', 'dropped')),
  attempts integer NOT NULL,
  next_try_at timestamptz NOT NULL,
  -- Whose attempt it is, and until when it is taken for alive.
  claim text COLLATE "C",
  claimed_until timestamptz,
  trouble text,
  made_at timestamptz NOT NULL,
  settled_at timestamptz,
  UNIQUE (incident, rule, due_at, moment, recipient)
);
CREATE INDEX obligation_reminder_open ON obligation_reminder (next_try_at) WHERE state IN ('pending', 'sending');
CREATE INDEX obligation_reminder_by_time ON obligation_reminder (made_at, id);
