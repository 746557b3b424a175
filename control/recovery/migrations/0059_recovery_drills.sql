-- Recovery drills: a vendor is treated as lost for one app, or a share of the traffic, for some minutes.
CREATE TABLE recovery_drill (
  id uuid PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  -- Null: all apps.
  app text COLLATE "C" REFERENCES app (id) ON DELETE SET NULL,
  -- It was for one app: stays, though the app may go.
  one_app boolean NOT NULL,
  -- Ten thousandths of the requests.
  share integer NOT NULL CHECK (share BETWEEN 1 AND 10000),
  minutes integer NOT NULL CHECK (minutes BETWEEN 1 AND 240),
  starts_at timestamptz NOT NULL,
  -- The next one is planned so many days after this one; null: there is none.
  every_days integer CHECK (every_days BETWEEN 1 AND 366),
  -- It may run while the vendor is cut off, or an incident about it is open.
  in_trouble boolean NOT NULL,
  reason text NOT NULL,
  planned_by text COLLATE "C" NOT NULL,
  planned_by_name text NOT NULL,
  planned_at timestamptz NOT NULL,
  began_at timestamptz,
  until timestamptz,
  ended_at timestamptz,
  ended text COLLATE "C" CHECK (ended IN ('time', 'stopped', 'cancelled', 'skipped')),
  ended_by_name text,
  end_reason text,
  -- What broke, once and for all: the exact text, and its SHA-256 in hexadecimal, which the audit log has too.
  report text,
  report_hash text,
  CHECK ((began_at IS NULL) = (until IS NULL)),
  CHECK ((ended_at IS NULL) = (ended IS NULL)),
  CHECK ((report IS NULL) = (report_hash IS NULL))
);
CREATE INDEX recovery_drill_by_time ON recovery_drill (starts_at, id);
CREATE INDEX recovery_drill_of_vendor ON recovery_drill (vendor, starts_at, id);
CREATE INDEX recovery_drill_due ON recovery_drill (starts_at) WHERE ended_at IS NULL;
CREATE INDEX recovery_drill_unreported ON recovery_drill (ended_at) WHERE began_at IS NOT NULL AND report IS NULL;
-- Never two at once for one app; that one for all apps runs alone is looked at under a lock.
CREATE UNIQUE INDEX recovery_drill_runs ON recovery_drill (coalesce(app, '*'))
  WHERE began_at IS NOT NULL AND ended_at IS NULL;
-- Not on report: writing one down changes nothing that gateways run on.
CREATE TRIGGER recovery_drill_configuration AFTER UPDATE OF began_at, ended_at ON recovery_drill
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- Which drill a crossing was part of, and as what; null: none. Appended, so that the rows of the horizon stay alike.
ALTER TABLE crossing_kind ADD COLUMN drill text, ADD COLUMN drill_part text;
ALTER TABLE IF EXISTS drawbridge_horizon.crossing_kind ADD COLUMN drill text, ADD COLUMN drill_part text;
CREATE INDEX crossing_kind_of_drill ON crossing_kind (drill) WHERE drill IS NOT NULL;
