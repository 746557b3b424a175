-- Hash tiles of the gateways' logs (c2sp.org/tlog-tiles), so that proofs need no entries, and stay when entries go.

-- `level`, `idx`: of the tile. `hashes`: 32 bytes each, 1 to 256; those of a tile that is not full are added to.
CREATE TABLE log_tile (
  log integer NOT NULL,
  level smallint NOT NULL,
  idx bigint NOT NULL,
  hashes bytea NOT NULL CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
  PRIMARY KEY (log, level, idx)
);
-- Hashes can't be made smaller; and a part of them is read without the rest.
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- The entries whose hashes stand in tiles. Smaller than the newest checkpoint: tiles of older entries are being made.
ALTER TABLE log_key ADD COLUMN tiled_size bigint NOT NULL DEFAULT 0;

-- That a person has looked at the evidence, and why no more is warned of it. The evidence itself stays.
ALTER TABLE log_contradiction
  ADD COLUMN acknowledged_at timestamptz,
  ADD COLUMN acknowledged_by text,
  ADD COLUMN acknowledged_reason text,
  ADD CHECK (num_nulls(acknowledged_at, acknowledged_by, acknowledged_reason) IN (0, 3));
