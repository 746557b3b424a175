-- The exposure ledger: what each vendor got about whom, as observed. Ids are given by the one writer (highest + 1).

-- What data speaks of, by its pseudonym under the ledger key. `nobody` stands for items that identify no one.
-- `person` is the id of the smallest pseudonym among all that are linked with it; unlinked subjects are their own.
CREATE TABLE subject (
  id bigint PRIMARY KEY,
  about text COLLATE "C" NOT NULL CHECK (about IN ('person', 'organisation', 'nobody')),
  pseudonym text COLLATE "C" NOT NULL,
  -- user, email, device or group; null: seen only beside another identifier
  kind text COLLATE "C",
  person bigint NOT NULL,
  UNIQUE (pseudonym, about)
);
CREATE INDEX subject_by_person ON subject (person);

CREATE TABLE exposure_slot (
  id integer PRIMARY KEY,
  vendor text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  app text COLLATE "C" NOT NULL,
  class text COLLATE "C" NOT NULL,
  treatment text COLLATE "C" NOT NULL,
  UNIQUE (vendor, connection, app, class, treatment)
);

-- One row per connection × app × field class × treatment (the slot) × subject.
CREATE TABLE exposure (
  slot integer NOT NULL,
  subject bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  crossings bigint NOT NULL,
  PRIMARY KEY (slot, subject)
) WITH (fillfactor = 80);

-- The slots of all linked subjects together: what counting each person once rests on.
CREATE TABLE person_slots (
  person bigint PRIMARY KEY,
  slots integer[] NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE person_day (
  person bigint NOT NULL,
  day date NOT NULL,
  slots integer[] NOT NULL,
  PRIMARY KEY (person, day)
) WITH (fillfactor = 80);

-- How many people (or organisations) each scope reaches. Empty columns: the scope is wider.
-- With class and treatment: who was seen so, sent or not. Without: who had anything sent.
CREATE TABLE people_count (
  about text COLLATE "C" NOT NULL,
  vendor text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  class text COLLATE "C" NOT NULL,
  treatment text COLLATE "C" NOT NULL,
  people bigint NOT NULL,
  PRIMARY KEY (vendor, connection, class, treatment, about)
);

-- People of whom the vendor got something of the class on the day.
CREATE TABLE people_day (
  vendor text COLLATE "C" NOT NULL,
  class text COLLATE "C" NOT NULL,
  day date NOT NULL,
  people bigint NOT NULL,
  PRIMARY KEY (vendor, day, class)
);
