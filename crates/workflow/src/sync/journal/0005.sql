-- What the portal's clock showed at least when the write was sent: what it created is not older. NULL: nobody knows.
ALTER TABLE intents ADD COLUMN portal_at INTEGER;
