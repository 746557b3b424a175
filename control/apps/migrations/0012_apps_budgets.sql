-- What a key may use per day (UTC): {"requests", "tokens", "money": {"micros", "currency"}}, each or null.
ALTER TABLE virtual_key ADD COLUMN per_day jsonb;

-- What a gateway says of itself beside its journal: its workers, its TLS, how durable its journal is.
ALTER TABLE gateway ADD COLUMN about jsonb;
