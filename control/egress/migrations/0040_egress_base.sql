-- The egress proxy: its rules, and what apps talk to through it.

-- Each save is a version; the highest is in force. None: the proxy serves nobody.
CREATE TABLE egress_rules (
  version integer PRIMARY KEY CHECK (version > 0),
  rules jsonb NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL
);
CREATE TRIGGER egress_rules_configuration AFTER INSERT OR UPDATE OR DELETE ON egress_rules
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- From here on: a projection. Of each host, port and app what was seen; `vendor` as gateways knew it last, null where none
-- was. Bytes are those on the wire, and come with the settlement.
CREATE TABLE egress_host (
  host text COLLATE "C" NOT NULL,
  port integer NOT NULL,
  app text COLLATE "C" NOT NULL,
  vendor text COLLATE "C",
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  crossings bigint NOT NULL,
  refused bigint NOT NULL,
  sent bigint NOT NULL,
  received bigint NOT NULL,
  PRIMARY KEY (host, port, app)
);
CREATE INDEX egress_host_by_time ON egress_host (last_at);

-- Crossings that are not settled yet: a settlement says only which one it is of.
CREATE TABLE egress_open (
  log integer NOT NULL,
  crossing uuid NOT NULL,
  host text COLLATE "C" NOT NULL,
  port integer NOT NULL,
  app text COLLATE "C" NOT NULL,
  PRIMARY KEY (log, crossing)
);
