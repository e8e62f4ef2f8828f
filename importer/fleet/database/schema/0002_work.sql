-- What workers are to do with each job: run a `wanted` one until it has ended, and leave the others
-- alone until somebody wants them again. A job without a row was never given to workers.
CREATE TABLE vorel_fleet.work (
    job bigint PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('wanted', 'stopped', 'ended')),
    -- Why it has ended without a line in its journal that would say so.
    problem text,
    -- When the next slice may begin, after something stood in its way.
    not_before timestamptz NOT NULL DEFAULT vorel_fleet.clock()
);
