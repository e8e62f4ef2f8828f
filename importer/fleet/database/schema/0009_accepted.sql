-- Whether the next run of a job takes its list as it is, however much that differs from the last one.
ALTER TABLE vorel_fleet.work ADD COLUMN accepts_list boolean NOT NULL DEFAULT false;
