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

-- Slots that were seen together: what one crossing says of one subject. An SDK's requests differ in values and hardly
-- in this, so the ledger keeps one row where it would keep one for each of a dozen slots.
CREATE TABLE exposure_profile (
  id integer PRIMARY KEY,
  slots integer[] NOT NULL UNIQUE
);
CREATE TABLE exposure_part (
  profile integer NOT NULL,
  subject bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  crossings bigint NOT NULL,
  PRIMARY KEY (profile, subject)
) WITH (fillfactor = 80);

-- The ledger as it is defined: one row per connection × app × field class × subject × treatment. A crossing is in one
-- profile per subject, so the sums count it once.
CREATE VIEW exposure AS
  SELECT slot.id AS slot, slot.vendor, slot.connection, slot.app, slot.class, slot.treatment, part.subject,
    min(part.first_seen_at) AS first_seen_at, max(part.last_seen_at) AS last_seen_at,
    sum(part.crossings)::bigint AS crossings
  FROM exposure_part part
    JOIN exposure_profile profile ON profile.id = part.profile
    CROSS JOIN LATERAL unnest(profile.slots) AS seen (slot)
    JOIN exposure_slot slot ON slot.id = seen.slot
  GROUP BY slot.id, part.subject;

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
