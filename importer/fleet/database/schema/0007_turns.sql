-- Which key a job waits for, and since when: whoever hands the key back calls the job that has waited
-- longest, so that nobody has to ask again and again.
ALTER TABLE vorel_fleet.work ADD COLUMN waits_for text, ADD COLUMN waits_since timestamptz;
CREATE INDEX work_waits ON vorel_fleet.work (waits_for, waits_since) WHERE waits_for IS NOT NULL;
