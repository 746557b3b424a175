-- Messages that people asked about: whether they are really from a vendor.

CREATE TABLE message_campaign (
  id uuid PRIMARY KEY,
  -- Counted up, for people.
  number integer NOT NULL UNIQUE,
  vendor text COLLATE "C",
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL
);

CREATE TABLE message (
  id uuid PRIMARY KEY,
  received_at timestamptz NOT NULL,
  -- Who handed it in; null: nobody whom we know. An address of somebody else lies in what is sealed.
  reporter_id text COLLATE "C",
  reporter text,
  form text COLLATE "C" NOT NULL CHECK (form IN ('mail', 'text')),
  channel text COLLATE "C" NOT NULL CHECK (channel IN ('mail', 'sms', 'chat', 'call')),
  came text COLLATE "C" NOT NULL CHECK (came IN ('upload', 'paste', 'screenshot', 'mailbox', 'imap', 'button', 'webhook')),
  arrival text COLLATE "C" NOT NULL CHECK (arrival IN ('fetched', 'file', 'inline', 'text')),
  -- What a sender of messages gave so that the same one twice is one.
  ask_key text COLLATE "C" UNIQUE,
  verdict text COLLATE "C" NOT NULL CHECK (verdict IN ('verified-authentic', 'unverified', 'likely-impersonation')),
  vendor text COLLATE "C",
  topic text COLLATE "C" NOT NULL,
  harm integer NOT NULL CHECK (harm BETWEEN 0 AND 100),
  -- What was found, who it is from and what it says: sealed, bound to this row. Null once its time is over.
  findings bytea,
  -- The message itself, sealed and bound to this row. Null once its time is over.
  raw bytea,
  -- Keyed hash of the message's bytes: the same message twice is seen without its text.
  hash bytea NOT NULL,
  -- Keyed: bands of the shape of its words, and hashes of the hosts and domains that it uses.
  shape bytea,
  bands integer[] NOT NULL DEFAULT '{}',
  traces bytea[] NOT NULL DEFAULT '{}',
  campaign uuid REFERENCES message_campaign (id),
  state text COLLATE "C" NOT NULL CHECK (state IN ('open', 'closed')),
  closed_as text COLLATE "C" CHECK (closed_as IN ('genuine', 'impersonation', 'spam', 'unclear')),
  closed_at timestamptz,
  closed_by_id text COLLATE "C",
  closed_by text,
  reply text COLLATE "C",
  answered_there boolean,
  answered_at timestamptz,
  incident uuid,
  -- Until when raw and findings are kept.
  kept_until timestamptz NOT NULL,
  CHECK ((state = 'closed') = (closed_as IS NOT NULL)),
  CHECK ((answered_there IS NULL) = (answered_at IS NULL))
);
CREATE INDEX message_by_time ON message (received_at DESC, id DESC);
CREATE INDEX message_by_harm ON message (harm DESC, received_at DESC, id DESC) WHERE state = 'open';
CREATE INDEX message_by_reporter ON message (reporter_id, received_at DESC, id DESC);
CREATE INDEX message_by_campaign ON message (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX message_by_vendor ON message (vendor, received_at DESC);
CREATE INDEX message_by_hash ON message (hash);
CREATE INDEX message_by_band ON message USING gin (bands);
CREATE INDEX message_by_trace ON message USING gin (traces);
CREATE INDEX message_by_end ON message (kept_until) WHERE raw IS NOT NULL OR findings IS NOT NULL;

-- Each verdict that a message got, and why it was judged again.
CREATE TABLE message_verdict (
  message uuid NOT NULL REFERENCES message (id),
  n integer NOT NULL,
  at timestamptz NOT NULL,
  verdict text COLLATE "C" NOT NULL,
  because text NOT NULL,
  PRIMARY KEY (message, n)
);

-- What the organisation says of senders, before what the packs say.
CREATE TABLE sender (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  -- A domain, or a whole address.
  is_ text COLLATE "C" NOT NULL UNIQUE,
  class text COLLATE "C" NOT NULL CHECK (class IN ('vendor', 'relayed', 'marketing', 'not_theirs')),
  reason text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);

-- Senders that proved their domain, use a vendor's name, and are not in the register.
CREATE TABLE sender_review (
  id uuid PRIMARY KEY,
  domain text COLLATE "C" NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  messages integer NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  decided text COLLATE "C" CHECK (decided IN ('vendor', 'relayed', 'marketing', 'not_theirs')),
  UNIQUE (domain, vendor)
);

-- The addresses at which we are registered at a vendor: its mail comes to no other.
CREATE TABLE vendor_address (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  address bytea NOT NULL,
  hash bytea NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  UNIQUE (vendor, hash)
);

-- Where the organisation looks after its account at a vendor, before what the packs say.
CREATE TABLE vendor_dashboard (
  vendor text COLLATE "C" PRIMARY KEY,
  url text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL
);

-- Messages are judged again after senders changed: how far that is.
CREATE TABLE message_rejudging (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  -- Made anew with each change of senders.
  run uuid NOT NULL,
  because text NOT NULL,
  begun_at timestamptz NOT NULL,
  total integer NOT NULL,
  done integer NOT NULL,
  changed integer NOT NULL,
  -- The last message that was judged; null: none yet.
  after_ uuid,
  ended_at timestamptz
);
