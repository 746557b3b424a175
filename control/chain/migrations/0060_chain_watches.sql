-- Published lists that are read again by themselves.
CREATE TABLE chain_watch (
  vendor text COLLATE "C" PRIMARY KEY,
  -- Null: the address that the vendor's facts have.
  url text,
  every_days integer NOT NULL CHECK (every_days BETWEEN 1 AND 90),
  next_at timestamptz NOT NULL,
  -- A process is at it since. One that died is followed by another after a while.
  began_at timestamptz,
  tried_at timestamptz,
  -- When the page was last read, whether or not it said anything new.
  read_at timestamptz,
  error_code text,
  error text,
  set_at timestamptz NOT NULL,
  set_by text NOT NULL
);
CREATE INDEX chain_watch_due ON chain_watch (next_at);
