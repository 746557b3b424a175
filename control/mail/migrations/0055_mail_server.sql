-- The organisation's mail server. The password lies sealed under the key of files, bound to host, port and user.

CREATE TABLE mail_server (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  host text COLLATE "C" NOT NULL,
  port integer NOT NULL CHECK (port BETWEEN 1 AND 65535),
  -- implicit: TLS from the first byte; starttls: asked for, and nothing goes out without it.
  tls text COLLATE "C" NOT NULL CHECK (tls IN ('implicit', 'starttls', 'none')),
  -- Whether its address may lie in a private network.
  private boolean NOT NULL,
  username text,
  password bytea,
  from_name text NOT NULL,
  from_address text NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL,
  CHECK ((username IS NULL) = (password IS NULL))
);
