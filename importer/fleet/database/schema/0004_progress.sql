-- What the run of each job has done so far, for `fleet status` alone: whoever runs it notes it now
-- and then. `owner` and `epoch` are those of its lease. Nothing is decided by it.
CREATE TABLE vorel_fleet.progress (
    job bigint PRIMARY KEY,
    owner text NOT NULL,
    epoch bigint NOT NULL,
    figures jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT vorel_fleet.clock()
) WITH (fillfactor = 50);
