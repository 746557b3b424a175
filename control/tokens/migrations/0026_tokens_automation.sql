-- Tokens for the API. Of a token only its SHA-256 is kept; what it may do is never more than its person may.
CREATE TABLE api_token (
  id text PRIMARY KEY,
  hash bytea NOT NULL,
  person text NOT NULL REFERENCES person,
  name text NOT NULL,
  actions text[] NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  last_used_address text,
  revoked_at timestamptz,
  revoked_by text
);
CREATE INDEX api_token_person ON api_token (person);

-- Whose tokens an app exchanges for short-lived virtual keys.
CREATE TABLE workload_trust (
  id text PRIMARY KEY,
  app text NOT NULL REFERENCES app,
  name text NOT NULL,
  issuer text NOT NULL,
  audience text NOT NULL,
  subject text NOT NULL,
  connections text[] NOT NULL,
  minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 60),
  -- The issuer's public keys, where it can't be asked for them; null: it is asked.
  jwks jsonb,
  -- Whether the issuer may be at an address in a private network.
  private boolean NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  last_used_at timestamptz,
  exchanges bigint NOT NULL DEFAULT 0,
  last_refused_at timestamptz,
  last_refused_why text,
  removed_at timestamptz
);
CREATE INDEX workload_trust_app ON workload_trust (app);

-- Which entry a key was exchanged under: such keys are forgotten a day after they expired.
ALTER TABLE virtual_key ADD COLUMN workload text REFERENCES workload_trust;
CREATE INDEX virtual_key_workload ON virtual_key (workload) WHERE workload IS NOT NULL;

-- Exchanges of an entry, and of an address, in the minute that runs.
CREATE TABLE workload_throttle (
  key bytea PRIMARY KEY,
  minute timestamptz NOT NULL,
  count integer NOT NULL
);

-- Who else vouches for people.
CREATE TABLE oidc_issuer (
  id text PRIMARY KEY,
  name text NOT NULL,
  issuer text NOT NULL,
  client_id text NOT NULL,
  domains text[] NOT NULL,
  -- What it must say of how somebody signed in, to be believed that it took two factors. Empty: it is not believed.
  mfa_acr text[] NOT NULL,
  mfa_amr text[] NOT NULL,
  -- Roles of people whom it vouches for and who are not known here; null: they are not let in.
  new_roles text[],
  -- Whether it may be at an address in a private network.
  private boolean NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  removed_at timestamptz
);

-- Whom an issuer means by a subject. An e-mail address decides once, at the first sign-in; after that this does.
CREATE TABLE oidc_identity (
  issuer text NOT NULL,
  subject text NOT NULL,
  person text NOT NULL REFERENCES person,
  linked_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject),
  UNIQUE (issuer, person)
);

-- Sign-ins under way at an issuer. The browser that began one holds the secret that the hash is of.
CREATE TABLE oidc_flow (
  state bytea PRIMARY KEY,
  browser bytea NOT NULL,
  issuer text NOT NULL REFERENCES oidc_issuer,
  nonce text NOT NULL,
  verifier text NOT NULL,
  path text NOT NULL,
  expires_at timestamptz NOT NULL
);
