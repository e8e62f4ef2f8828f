-- When somebody said last that lines of the journal are lost, as after a restore from a backup. Until
-- then nobody goes on with a job whose journal has fewer lines than a copy of it.
ALTER TABLE vorel_fleet.work ADD COLUMN restored_at timestamptz;
