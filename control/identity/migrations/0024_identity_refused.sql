-- Sign-ins that were refused, counted until their minute is over and they are written down as changes.
CREATE TABLE refused_sign_in (
  minute timestamptz NOT NULL,
  reason text NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (minute, reason)
);
