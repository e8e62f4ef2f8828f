-- What can be seen from outside: how often the lease of a key ran out before another owner took it,
-- and when the list of a job was last imported to its end (exit code 0, 1 or 6).
ALTER TABLE vorel_fleet.lease
    ADD COLUMN is_handed_back boolean NOT NULL DEFAULT true,
    ADD COLUMN takeovers bigint NOT NULL DEFAULT 0;
ALTER TABLE vorel_fleet.work ADD COLUMN last_success timestamptz;
