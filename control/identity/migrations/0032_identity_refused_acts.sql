-- What the pack said of the vendor's API for keys when the credential was entered: it is bound to that too. Null: entered
-- before there was this column.
ALTER TABLE vendor_admin ADD COLUMN api_hash text;
