-- Who is told where a run of a schedule does not end well.
ALTER TABLE schedule ADD COLUMN notify TEXT NOT NULL DEFAULT '[]';        -- JSON
