-- What a run read of its source: NULL: it has not come to the end, or found no row; 'on': everything from read_from on;
-- 'whole': everything there is; 'nothing': its plan came from elsewhere.
ALTER TABLE runs ADD COLUMN reading TEXT;
