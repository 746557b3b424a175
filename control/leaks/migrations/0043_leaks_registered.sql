-- Secrets that people registered are known in what scans report: by HMAC-SHA256 of the value's SHA-256, under the key that
-- unknown leaks are told apart by. Null: a password, of which scans tell no hash, or registered before this was kept.
ALTER TABLE registered_secret ADD COLUMN leak_hash bytea;
CREATE UNIQUE INDEX registered_secret_by_leak_hash ON registered_secret (leak_hash);

ALTER TABLE leak DROP CONSTRAINT leak_kind_check, ADD CONSTRAINT leak_kind_check
  CHECK (kind IN ('virtual_key', 'credential', 'api_token', 'canary', 'registered_secret', 'unknown'));

-- `leak_prompt` reads this one: a column is added at the end, and the others stay as they are.
CREATE OR REPLACE VIEW leak_subject AS
  SELECT 'virtual_key' AS kind, k.id AS about, a.name, a.owner, a.id AS app, NULL::text AS connection,
         k.hash, k.revoked_at AS ended_at, NULL::bytea AS leak_hash
    FROM virtual_key k JOIN app a ON a.id = k.app
  UNION ALL
  SELECT 'credential', c.id, n.name, n.owner, NULL, n.id, NULL, c.dropped_at, NULL
    FROM credential c JOIN connection n ON n.id = c.connection
  UNION ALL
  SELECT 'api_token', t.id, t.name, p.name, NULL, NULL, t.hash, t.revoked_at, NULL
    FROM api_token t JOIN person p ON p.id = t.person
  UNION ALL
  SELECT 'canary', y.id, y.place, y.owner, NULL, NULL, y.hash, y.retired_at, NULL
    FROM canary y
  UNION ALL
  SELECT 'registered_secret', r.id::text, r.label, r.owner, NULL, NULL, NULL, NULL, r.leak_hash
    FROM registered_secret r;
