-- What is cut off from vendors, by whom, why and until when. A severance lies over connections and contracts and changes neither:
-- when the last one that holds something is reopened, all is as it was.

CREATE TABLE severance (
  id uuid PRIMARY KEY,
  kind text COLLATE "C" NOT NULL CHECK (kind IN ('vendor', 'connection', 'party', 'field_class')),
  -- A vendor, a vendor behind vendors, or a connection.
  target text COLLATE "C" NOT NULL,
  field_class text COLLATE "C",
  treatment text COLLATE "C" CHECK (treatment IN ('refuse', 'drop')),
  -- Of a drill: nothing was cut.
  rehearsal boolean NOT NULL,
  incident uuid REFERENCES incident (id) ON DELETE SET NULL,
  reason text NOT NULL,
  began_at timestamptz NOT NULL,
  began_by text COLLATE "C" NOT NULL,
  began_by_name text NOT NULL,
  -- When it opens by itself; null: when somebody reopens it.
  until timestamptz,
  -- The configuration that has it: the revision as its transaction left it, and the version that was published with that.
  revision bigint,
  version bigint,
  ended_at timestamptz,
  ended_by_name text,
  end_reason text,
  -- It ended because its time had come.
  by_time boolean NOT NULL DEFAULT false,
  -- Its time has come and a person has to look first, and why; null: nothing waits.
  waits text COLLATE "C" CHECK (waits IN ('contract_changed')),
  CHECK ((kind = 'field_class') = (field_class IS NOT NULL)),
  CHECK ((kind = 'field_class') = (treatment IS NOT NULL))
);
CREATE INDEX severance_by_time ON severance (began_at, id);
CREATE INDEX severance_open ON severance (until) WHERE ended_at IS NULL;
CREATE INDEX severance_of_incident ON severance (incident) WHERE incident IS NOT NULL;

-- Vendors that it is about: of a sub-processor, those before it that were chosen.
CREATE TABLE severance_vendor (
  severance uuid NOT NULL REFERENCES severance (id) ON DELETE CASCADE,
  vendor text COLLATE "C" NOT NULL,
  -- The epoch whose pseudonym secret is to be destroyed; null: none is.
  epoch integer,
  destroyed_at timestamptz,
  PRIMARY KEY (severance, vendor)
);
CREATE INDEX severance_to_destroy ON severance_vendor (severance) WHERE epoch IS NOT NULL AND destroyed_at IS NULL;

-- What it holds. Rows stay when it no longer does.
CREATE TABLE severance_cut (
  severance uuid NOT NULL REFERENCES severance (id) ON DELETE CASCADE,
  vendor text COLLATE "C",
  connection text COLLATE "C",
  field_class text COLLATE "C",
  treatment text COLLATE "C",
  lifted_at timestamptz,
  CHECK (num_nonnulls(vendor, connection) = 1),
  CHECK ((field_class IS NULL) = (treatment IS NULL))
);
CREATE INDEX severance_cut_in_force ON severance_cut (vendor, connection) WHERE lifted_at IS NULL;
CREATE INDEX severance_cut_of ON severance_cut (severance);
CREATE TRIGGER severance_cut_configuration AFTER INSERT OR UPDATE OR DELETE ON severance_cut
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- The contracts under which a field class was cut off: that one was changed since is said before it opens.
CREATE TABLE severance_contract (
  severance uuid NOT NULL REFERENCES severance (id) ON DELETE CASCADE,
  connection text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  PRIMARY KEY (severance, connection)
);

-- When each gateway first said that all of its workers run on a configuration with it.
CREATE TABLE severance_gateway (
  severance uuid NOT NULL REFERENCES severance (id) ON DELETE CASCADE,
  gateway text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (severance, gateway)
);

-- Lines that people marked as done, with their proof: sealed, as are the words of the line as they were then.
CREATE TABLE severance_line (
  severance uuid NOT NULL REFERENCES severance (id) ON DELETE CASCADE,
  line text COLLATE "C" NOT NULL,
  done_at timestamptz NOT NULL,
  done_by text COLLATE "C" NOT NULL,
  done_by_name text NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (severance, line)
);
