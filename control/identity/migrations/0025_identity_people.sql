-- People who have accounts here. Their names and addresses are in clear: they are our own users, and are shown to each other.
CREATE TABLE person (
  id text PRIMARY KEY,
  name text NOT NULL,
  email text,
  -- As it is compared: two spellings are one person. Null: the first administrator, who has not said it yet.
  email_normal text UNIQUE,
  roles text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('invited', 'active', 'offboarded')),
  access_ends timestamptz,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz
);

-- Links that let a person in once, to enrol; only their hashes are kept. They replace links that signed anyone in.
CREATE TABLE invitation (
  hash bytea PRIMARY KEY,
  person text NOT NULL REFERENCES person,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  -- The name of who sent it, as who comes in is told.
  invited_by text
);
CREATE INDEX invitation_person ON invitation (person);
DROP TABLE sign_in_link;

-- argon2id, with its parameters and salt.
CREATE TABLE password (
  person text PRIMARY KEY REFERENCES person,
  hash text NOT NULL,
  changed_at timestamptz NOT NULL
);

-- The secret of an authenticator app, wrapped by the vault. A new one is pending until a code of it was shown.
CREATE TABLE totp (
  person text PRIMARY KEY REFERENCES person,
  secret bytea,
  since timestamptz,
  -- The last step whose code was used, in 30 s since 1970: each is used once.
  last_step bigint,
  pending bytea
);

CREATE TABLE passkey (
  id text PRIMARY KEY,
  credential text NOT NULL UNIQUE,
  person text NOT NULL REFERENCES person,
  name text NOT NULL,
  public_key bytea NOT NULL,
  counter bigint NOT NULL,
  transports text[] NOT NULL,
  -- The host name that it was made for: it works nowhere else.
  made_for text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz
);
CREATE INDEX passkey_person ON passkey (person);

CREATE TABLE recovery_code (
  hash bytea PRIMARY KEY,
  person text NOT NULL REFERENCES person
);
CREATE INDEX recovery_code_person ON recovery_code (person);

-- Passkey challenges that were answered, until their time is over: each is answered once.
CREATE TABLE answered_challenge (
  hash bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- Attempts to sign in, by a keyed hash of the account or the address that was tried.
CREATE TABLE throttle (
  key bytea PRIMARY KEY,
  attempts integer NOT NULL,
  last_at timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL
);

-- Sessions of before were of nobody in particular: they end.
DROP TABLE session;
CREATE TABLE session (
  id text PRIMARY KEY,
  hash bytea NOT NULL UNIQUE,
  person text NOT NULL REFERENCES person,
  stage text NOT NULL CHECK (stage IN ('second_factor', 'enrolling', 'signed_in')),
  methods text[] NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  stepped_up_at timestamptz,
  address text NOT NULL,
  browser text NOT NULL
);
CREATE INDEX session_person ON session (person);
CREATE INDEX session_expiry ON session (expires_at);

-- Whose account it was, where it was anyone's.
ALTER TABLE refused_sign_in ADD COLUMN person text NOT NULL DEFAULT '';
ALTER TABLE refused_sign_in DROP CONSTRAINT refused_sign_in_pkey;
ALTER TABLE refused_sign_in ADD PRIMARY KEY (minute, reason, person);
