-- A log can be begun anew, where its files are lost or were set back: its next epoch has a name, a key and files of its own.
-- So a change's place is epoch and index together.
ALTER TABLE change ADD COLUMN log_epoch integer;
UPDATE change SET log_epoch = 1 WHERE log_index IS NOT NULL;
ALTER TABLE change ADD CONSTRAINT change_log_place CHECK ((log_index IS NULL) = (log_epoch IS NULL));
DROP INDEX change_log_index;
CREATE UNIQUE INDEX change_log_index ON change (log_epoch, log_index);

-- Epochs after the first, which has no row. The row is the intent: who writes the log begins the epoch. Their numbers rise,
-- and some may be left out: names that were signed for once are never used again.
CREATE TABLE log_epoch (
  log text NOT NULL,
  epoch integer NOT NULL CHECK (epoch > 1),
  reason text NOT NULL,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (log, epoch)
);
