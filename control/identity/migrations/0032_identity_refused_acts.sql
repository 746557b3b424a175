-- What the pack said of the vendor's API for keys when the credential was entered: it is bound to that too. Null: entered
-- before there was this column.
ALTER TABLE vendor_admin ADD COLUMN api_hash text;

-- Acts of people who are signed in that were refused, counted until their minute is over and they are written down.
CREATE TABLE refused_act (
  minute timestamptz NOT NULL,
  person text NOT NULL,
  -- Of which token; empty: none, they did it themselves.
  token text NOT NULL,
  action text NOT NULL,
  code text NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (minute, person, token, action, code)
);

-- Sign-ins to an account that were refused since its person last signed in, of minutes that are over. It is below zero while
-- some of a minute that runs were told at a sign-in already.
ALTER TABLE person ADD COLUMN refused_since integer NOT NULL DEFAULT 0;
-- What the person of a session is told: how many were refused before it.
ALTER TABLE session ADD COLUMN refused_before integer NOT NULL DEFAULT 0;
