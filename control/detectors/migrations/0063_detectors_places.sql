-- Where people are and what they read: beside their pseudonyms, so that those of a breach are counted by it without opening an entry.
ALTER TABLE known_entry ADD COLUMN country text COLLATE "C" CHECK (country ~ '^[A-Z]{2}$'),
  ADD COLUMN language text COLLATE "C" CHECK (language ~ '^[a-z]{2,8}$');
CREATE INDEX known_entry_placed ON known_entry (id) WHERE country IS NOT NULL OR language IS NOT NULL;
