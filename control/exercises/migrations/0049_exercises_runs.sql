-- Exercises that were begun: each is a drill in the incident room, into which an exercise's messages come one by one.

CREATE TABLE exercise_run (
  id uuid PRIMARY KEY,
  exercise text COLLATE "C" NOT NULL,
  incident uuid NOT NULL UNIQUE REFERENCES incident (id),
  -- How many minutes of the exercise pass in a minute.
  pace integer NOT NULL CHECK (pace BETWEEN 1 AND 1000000),
  -- Days by which the exercise's own days are moved.
  moved_days integer NOT NULL,
  begun_at timestamptz NOT NULL,
  begun_by text NOT NULL,
  -- Messages that came, by their ids.
  delivered text[] COLLATE "C" NOT NULL,
  ended_at timestamptz
);
CREATE INDEX exercise_run_by_begin ON exercise_run (begun_at DESC, id DESC);
