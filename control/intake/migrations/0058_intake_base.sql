-- How messages from vendors come in by themselves: folders of mail servers that are looked into, and addresses at which other
-- programs hand in texts. What comes in lies in the tables of messages, never here.

CREATE TABLE intake_mailbox (
  id uuid PRIMARY KEY,
  host text COLLATE "C" NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  -- implicit: TLS from the first byte; starttls: asked for, and nothing goes on without it.
  tls text COLLATE "C" NOT NULL CHECK (tls IN ('implicit', 'starttls', 'none')),
  -- Whether its address may lie in a private network.
  private boolean NOT NULL,
  username text NOT NULL,
  -- Sealed under the key of files, bound to mailbox, host, port and user.
  password bytea NOT NULL,
  folder text NOT NULL,
  after text COLLATE "C" NOT NULL CHECK (after IN ('keep', 'move', 'delete')),
  move_to text,
  is_on boolean NOT NULL,
  -- How far it was read: numbers of messages hold for one UIDVALIDITY (RFC 9051, section 2.3.1.1).
  uid_validity bigint,
  last_uid bigint NOT NULL DEFAULT 0,
  taken bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  looked_at timestamptz,
  error_code text COLLATE "C",
  error text,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  CHECK ((after = 'move') = (move_to IS NOT NULL)),
  CHECK ((error_code IS NULL) = (error IS NULL))
);

CREATE TABLE intake_webhook (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  channel text COLLATE "C" NOT NULL CHECK (channel IN ('sms', 'chat')),
  token_hash bytea NOT NULL UNIQUE,
  -- Sealed under the key of files, bound to the webhook: signatures are checked with it.
  secret bytea NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  last_used_at timestamptz
);
