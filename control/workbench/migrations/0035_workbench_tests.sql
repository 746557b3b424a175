-- Samples that were kept with what is expected of them. What was found in a sample was replaced by something made up before.
CREATE TABLE contract_test (
  id text PRIMARY KEY,
  connection text NOT NULL REFERENCES connection (id),
  name text NOT NULL,
  sample jsonb NOT NULL,
  expects jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  UNIQUE (connection, name)
);
