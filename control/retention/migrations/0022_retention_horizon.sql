-- What is kept how long of the gateways' journals. The first time that something is pruned, the schema drawbridge_horizon is
-- made, with the projections' rows as of the logs' horizons. From then on a migration that changes a projection's table
-- changes it there too, where it is: ALTER TABLE IF EXISTS drawbridge_horizon.….

-- The log's horizon: entries before it are pruned, but for the crossings that are held. `pruned_until`: the newest time of
-- such an entry.
ALTER TABLE journal_log
  ADD COLUMN pruned bigint NOT NULL DEFAULT 0,
  ADD COLUMN pruned_until timestamptz;

-- By this deployment's own clock: so many entries of the log lay here under a verified checkpoint at that time. One a day
-- is kept, until it is older than what is to be kept. `log`: journal_log.id.
CREATE TABLE retention_mark (
  log integer NOT NULL,
  taken_on date NOT NULL,
  taken_at timestamptz NOT NULL,
  size bigint NOT NULL,
  PRIMARY KEY (log, taken_on)
);
