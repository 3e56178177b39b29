-- Version 4: whose queue it is stands in one place.

INSERT INTO meta (name, value) SELECT 'owner', CAST(value AS BLOB) FROM marks WHERE name = 'portal'
ON CONFLICT DO NOTHING;
DELETE FROM marks WHERE name = 'portal';
