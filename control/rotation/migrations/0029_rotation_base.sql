-- A credential or a canary key was used by somebody who is not us. Counted up while nobody has looked at it.
CREATE TABLE key_alarm (
  id text PRIMARY KEY,
  -- Alarms with the same text are one, for as long as it is open.
  same text NOT NULL,
  kind text NOT NULL,
  about_kind text NOT NULL,
  about_id text NOT NULL,
  vendor text,
  said text NOT NULL,
  evidence jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL CHECK (last_at >= first_at),
  times integer NOT NULL CHECK (times > 0),
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_by_name text,
  acknowledged_reason text,
  CHECK ((acknowledged_at IS NULL) = (acknowledged_reason IS NULL))
);
CREATE INDEX key_alarm_same ON key_alarm (same, last_at);
CREATE UNIQUE INDEX key_alarm_open ON key_alarm (same) WHERE acknowledged_at IS NULL;
