-- Policies: each version's text and examples never change. `active`: the version in force; null: none is.
CREATE TABLE policy (
  name text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{0,59}$'),
  version integer NOT NULL,
  active integer,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  -- Taken off the list. Its versions stay, as crossings of the past name them.
  removed_at timestamptz,
  CHECK (removed_at IS NULL OR active IS NULL)
);
CREATE TABLE policy_version (
  policy text COLLATE "C" NOT NULL REFERENCES policy (name),
  version integer NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  examples jsonb NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (policy, version)
);
ALTER TABLE policy ADD FOREIGN KEY (name, active) REFERENCES policy_version (policy, version)
  DEFERRABLE INITIALLY DEFERRED;

-- What policies may refer to of an app and of a vendor, as people entered it. No row: nothing was entered.
CREATE TABLE app_facts (
  app text PRIMARY KEY REFERENCES app (id) ON DELETE CASCADE,
  tags text[] NOT NULL,
  team text NOT NULL,
  -- person: its keys are used by one human, on a laptop or in a notebook.
  holder text NOT NULL CHECK (holder IN ('workload', 'person')),
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
CREATE TABLE vendor_facts (
  vendor text PRIMARY KEY,
  approved boolean NOT NULL,
  approved_on text CHECK (approved_on ~ '^\d{4}-\d{2}-\d{2}$'),
  approval_source text,
  agreement text NOT NULL CHECK (agreement IN ('none', 'signed')),
  agreement_on text CHECK (agreement_on ~ '^\d{4}-\d{2}-\d{2}$'),
  agreement_source text,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);

-- A developer was refused and asks; who decides, and the exceptions that came of it. An exception ends by itself.
CREATE TABLE access_request (
  id text PRIMARY KEY,
  crossing uuid NOT NULL,
  app text NOT NULL,
  connection text NOT NULL,
  policies text[] COLLATE "C" NOT NULL,
  asked_by text NOT NULL,
  asked_by_name text NOT NULL,
  asked_at timestamptz NOT NULL,
  reason text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'granted', 'refused')),
  decided_by_name text,
  decided_at timestamptz,
  decision_reason text,
  CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX access_request_by_age ON access_request (asked_at, id);
CREATE INDEX access_request_of_crossing ON access_request (crossing);
-- One open request for the same thing is enough.
CREATE UNIQUE INDEX access_request_open ON access_request (app, connection, policies) WHERE state = 'open';

CREATE TABLE policy_grant (
  id text PRIMARY KEY,
  policy text COLLATE "C" NOT NULL REFERENCES policy (name),
  app text NOT NULL,
  connection text NOT NULL,
  until timestamptz NOT NULL,
  request text REFERENCES access_request (id),
  granted_at timestamptz NOT NULL,
  granted_by text NOT NULL,
  reason text NOT NULL,
  ended_at timestamptz,
  ended_by text
);
CREATE INDEX policy_grant_by_end ON policy_grant (until);

CREATE TRIGGER policy_configuration AFTER INSERT OR UPDATE OR DELETE ON policy
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
CREATE TRIGGER policy_grant_configuration AFTER INSERT OR UPDATE OR DELETE ON policy_grant
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();
-- Facts travel to gateways only while a policy is in force that may refer to them.
CREATE FUNCTION policy_facts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM policy WHERE active IS NOT NULL) THEN
    UPDATE configuration SET revision = revision + 1, changed_in = pg_current_xact_id();
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER app_facts_configuration AFTER INSERT OR UPDATE OR DELETE ON app_facts
  FOR EACH STATEMENT EXECUTE FUNCTION policy_facts_changed();
CREATE TRIGGER vendor_facts_configuration AFTER INSERT OR UPDATE OR DELETE ON vendor_facts
  FOR EACH STATEMENT EXECUTE FUNCTION policy_facts_changed();
CREATE TRIGGER app_configuration AFTER INSERT OR UPDATE OF owner OR DELETE ON app
  FOR EACH STATEMENT EXECUTE FUNCTION policy_facts_changed();
