-- Which workers could not run a wanted job, and why: others try it before it counts as one that
-- cannot be run. By worker: `problem`, and when it has failed `first` and last (`at`), in seconds.
ALTER TABLE vorel_fleet.work ADD COLUMN hindered jsonb NOT NULL DEFAULT '{}';
