-- What is handed on to other systems. Changes in the order in which they became certain, which is neither that of their
-- ids nor that of their times: one whose transaction ends late gets a later place, so that no reader has passed it.
CREATE TABLE export_waiting (
  change text PRIMARY KEY
);
CREATE TABLE export_change (
  place bigint PRIMARY KEY,
  change text NOT NULL UNIQUE
);
INSERT INTO export_change (place, change) SELECT row_number() OVER (ORDER BY at, id), id FROM change;

CREATE FUNCTION export_await_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO export_waiting (change) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER export_change_made AFTER INSERT ON change FOR EACH ROW EXECUTE FUNCTION export_await_place();

-- How far the push has got. Moved on only after the receiver said that it has the events.
CREATE TABLE export_push (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  cursor text NOT NULL,
  delivered bigint NOT NULL DEFAULT 0,
  last_delivered_at timestamptz,
  failing_since timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  trouble text,
  next_try_at timestamptz,
  CHECK ((failing_since IS NULL) = (trouble IS NULL))
);
