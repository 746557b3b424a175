-- What is done with a connection's contract and policies; break_glass lifts both for a time.
ALTER TABLE connection ADD COLUMN mode text NOT NULL DEFAULT 'enforce'
  CHECK (mode IN ('observe', 'minimise', 'enforce'));

-- Asked for, in force from `in_force_at` on (approved by somebody else, or by nobody where one person is all there is),
-- over at `until` or when it was ended. Whether its time is over is not kept: the clock says it.
CREATE TABLE break_glass (
  id text PRIMARY KEY,
  connection text NOT NULL REFERENCES connection (id),
  reason text NOT NULL,
  asked_at timestamptz NOT NULL,
  asked_by text NOT NULL,
  asked_by_name text NOT NULL,
  until timestamptz NOT NULL,
  in_force_at timestamptz,
  approved_by text,
  approved_by_name text,
  ended_at timestamptz,
  ended_by text,
  ended_by_name text,
  end_reason text,
  -- Its expiry was written into the change log.
  expiry_logged boolean NOT NULL DEFAULT false,
  CHECK (until > asked_at),
  CHECK (approved_by IS NULL OR (approved_by <> asked_by AND in_force_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX break_glass_by_connection ON break_glass (connection, asked_at);

CREATE TRIGGER break_glass_configuration AFTER INSERT OR UPDATE OR DELETE ON break_glass
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
