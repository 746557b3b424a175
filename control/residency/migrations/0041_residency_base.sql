-- Where vendors keep and process data: what somebody declared, what was seen, and what is demanded.

-- A statement, in every version. `service` and `class` empty: all of them. The highest version holds.
CREATE TABLE residency_statement (
  id uuid NOT NULL,
  version integer NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  service text COLLATE "C" NOT NULL,
  class text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL
    CHECK (kind IN ('storage', 'processing', 'support', 'backup', 'sub_processors', 'telemetry')),
  place text COLLATE "C" NOT NULL,
  -- The country whose law binds who controls it; null: unknown.
  jurisdiction text COLLATE "C",
  -- What allows data there; several where one stands in for another. Empty: nobody said.
  bases jsonb NOT NULL,
  conditions jsonb NOT NULL,
  source text NOT NULL,
  as_of date NOT NULL,
  withdrawn boolean NOT NULL DEFAULT false,
  is_latest boolean NOT NULL DEFAULT true,
  stated_at timestamptz NOT NULL,
  stated_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX residency_statement_latest ON residency_statement (id) WHERE is_latest;
CREATE INDEX residency_statement_of_vendor ON residency_statement (vendor, id) WHERE is_latest AND NOT withdrawn;

-- The place that a connection has to be in, or nothing crosses.
CREATE TABLE residency_demand (
  connection text PRIMARY KEY REFERENCES connection (id),
  place text COLLATE "C" NOT NULL,
  demanded_at timestamptz NOT NULL,
  demanded_by text NOT NULL,
  reason text NOT NULL
);
CREATE TRIGGER residency_demand_configuration AFTER INSERT OR UPDATE OR DELETE ON residency_demand
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- Tables of the providers' networks, as they were brought in; the latest is used.
CREATE TABLE residency_ranges (
  version integer PRIMARY KEY,
  sha256 text COLLATE "C" NOT NULL,
  body text NOT NULL,
  sources jsonb NOT NULL,
  ranges integer NOT NULL,
  brought_at timestamptz NOT NULL,
  brought_by text NOT NULL,
  reason text NOT NULL
);

-- A projection: addresses that crossings of a connection really went to. `snapshot`: the latest configuration it was so under.
CREATE TABLE residency_seen (
  connection text COLLATE "C" NOT NULL,
  address text COLLATE "C" NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  service text COLLATE "C" NOT NULL,
  snapshot bigint NOT NULL,
  crossings bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  last_crossing text COLLATE "C" NOT NULL,
  PRIMARY KEY (connection, address)
);
-- Crossings that were forwarded and are not settled yet.
CREATE TABLE residency_crossing (
  log integer NOT NULL,
  crossing text COLLATE "C" NOT NULL,
  idx bigint NOT NULL,
  connection text COLLATE "C" NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  service text COLLATE "C" NOT NULL,
  snapshot bigint NOT NULL,
  PRIMARY KEY (log, crossing)
);
