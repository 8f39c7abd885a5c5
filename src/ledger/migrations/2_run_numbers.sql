ALTER TABLE run ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE run SET number = ordered.number
FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY started, id) AS number FROM run) AS ordered WHERE run.id = ordered.id;
CREATE UNIQUE INDEX run_number ON run (number);
DROP INDEX run_started;
