-- Names are counted by who their senders are, so more of these are remembered. The queue is computed anew from the
-- journals; what people decided stays.
COMMENT ON COLUMN review_name.subjects IS 'the smallest pseudonyms of who sent it, at most fifty';
COMMENT ON COLUMN review_name.name IS
  'arrives only after five have sent it somewhere; shown only when five are counted here, linked subjects once';
TRUNCATE review_name;
DELETE FROM projection_cursor WHERE projection = 'review';
