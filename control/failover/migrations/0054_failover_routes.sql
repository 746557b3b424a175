-- Routes of apps: connections in an order. What a route says is one document, in the form that gateways get.
CREATE TABLE app_route (
  id text COLLATE "C" PRIMARY KEY,
  app text NOT NULL REFERENCES app (id),
  slug text COLLATE "C" NOT NULL UNIQUE,
  route jsonb NOT NULL,
  revision integer NOT NULL CHECK (revision > 0),
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
CREATE INDEX app_route_by_app ON app_route (app, id);
CREATE TRIGGER app_route_configuration AFTER INSERT OR UPDATE OR DELETE ON app_route
  FOR EACH STATEMENT EXECUTE FUNCTION configuration_changed();

-- A path prefix is a connection's or a route's, and never both's: gateways would refuse the whole snapshot. The lock keeps
-- two transactions from each taking it where the other does not look yet.
CREATE FUNCTION path_prefix_is_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(44005401);
  IF TG_TABLE_NAME = 'connection' THEN
    IF EXISTS (SELECT 1 FROM app_route WHERE slug = NEW.slug) THEN RETURN NULL; END IF;
  ELSIF EXISTS (SELECT 1 FROM connection WHERE slug = NEW.slug) THEN RETURN NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER connection_path_prefix BEFORE INSERT ON connection
  FOR EACH ROW EXECUTE FUNCTION path_prefix_is_free();
CREATE TRIGGER app_route_path_prefix BEFORE INSERT ON app_route
  FOR EACH ROW EXECUTE FUNCTION path_prefix_is_free();
