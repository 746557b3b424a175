-- Which apps sent a name, and every shape that its values had. The queue is computed anew from the journals; what people
-- decided stays.
TRUNCATE review_name;
ALTER TABLE review_name
  -- The smallest ids, at most twenty.
  ADD COLUMN apps text[] COLLATE "C" NOT NULL,
  ADD COLUMN shapes text[] COLLATE "C" NOT NULL;
DELETE FROM projection_cursor WHERE projection = 'review';
