-- Keys of ours that gateways found in what apps sent, read off the journals and nothing else; also ids that nobody here knows.
-- The latest crossing stands for all of one app and connection.
CREATE TABLE prompt_leak (
  kind text NOT NULL,
  about text NOT NULL,
  app text NOT NULL,
  connection text NOT NULL,
  crossings bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  crossing uuid NOT NULL,
  PRIMARY KEY (kind, about, app, connection)
);

-- Where entries were pruned before, projections that are new begin at the horizon, with nothing.
DO $$
BEGIN
  IF to_regnamespace('drawbridge_horizon') IS NOT NULL THEN
    CREATE TABLE drawbridge_horizon.prompt_leak (LIKE prompt_leak INCLUDING ALL);
  END IF;
END $$;

-- Those of keys that are there, with what apps and connections are called.
CREATE VIEW leak_prompt AS
  SELECT p.kind, p.about, p.app, coalesce(a.name, p.app) AS app_name, p.connection,
         coalesce(n.name, p.connection) AS connection_name, p.crossings, p.first_at, p.last_at, p.crossing,
         s.name, s.owner, s.ended_at
    FROM prompt_leak p JOIN leak_subject s ON s.kind = p.kind AND s.about = p.about
      LEFT JOIN app a ON a.id = p.app LEFT JOIN connection n ON n.id = p.connection;
