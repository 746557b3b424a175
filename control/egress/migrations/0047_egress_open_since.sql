-- When an exchange began: one whose end never comes (its gateway was killed) is given up after a bound.
-- What is open now began at the latest now: it is given up a little later than it could be.
ALTER TABLE egress_open ADD COLUMN at timestamptz NOT NULL DEFAULT now();
ALTER TABLE egress_open ALTER COLUMN at DROP DEFAULT;
CREATE INDEX egress_open_by_time ON egress_open (log, at);
