-- The tables of a fleet. docs/fleet.md says what each is for.

-- All times are those of this clock, whatever the workers' clocks say.
CREATE FUNCTION vorel_fleet.clock() RETURNS timestamptz
    LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

CREATE TABLE vorel_fleet.job (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    added_at timestamptz NOT NULL DEFAULT vorel_fleet.clock()
);

-- One row for each key, found by a digest that does not reveal it. `epoch` grows by one whenever
-- the lease is taken. `job` is the one that its owner works at.
CREATE TABLE vorel_fleet.lease (
    key text PRIMARY KEY CHECK (key ~ '^[0-9a-f]{64}$'),
    owner text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    job bigint NOT NULL,
    -- When requests of owners before the present one left, as far as they still count.
    sends timestamptz[] NOT NULL,
    is_handed_back boolean NOT NULL DEFAULT true,
    -- How often it ran out before another owner took it.
    takeovers bigint NOT NULL DEFAULT 0
);

-- The lines of a results file, append-only. What a run adds at once is one block: `lines` are
-- `line_count` whole lines, the first of which is line `first_line` of the file, and `sent` of them
-- say that a request is about to leave. `head` is the SHA-256 of the head before and the lines.
CREATE TABLE vorel_fleet.block (
    job bigint NOT NULL,
    first_line bigint NOT NULL CHECK (first_line > 0),
    line_count integer NOT NULL CHECK (line_count > 0),
    lines bytea NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) = 32),
    sent integer NOT NULL,
    at timestamptz NOT NULL DEFAULT vorel_fleet.clock(),
    -- Whether the lines are packed by zlib, as whoever replaces a journal does it.
    is_packed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (job, first_line)
);

-- What workers are to do with each job: run a `wanted` one until it has ended, and leave the others
-- alone until somebody wants them again. A job without a row was never given to workers.
CREATE TABLE vorel_fleet.work (
    job bigint PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('wanted', 'stopped', 'ended')),
    -- Why it has ended without a line in its journal that would say so.
    problem text,
    -- When the next slice may begin. Slices are taken in this order.
    not_before timestamptz NOT NULL DEFAULT vorel_fleet.clock(),
    -- The worker that runs a slice of it, if that is alive.
    taken_by text,
    -- The digest of its key, once it is known: no slice begins while anybody has its lease.
    key text,
    -- Which workers could not run it while it was wanted, and why: others try it before it counts
    -- as one that cannot be run. By worker: `problem`, and when it has failed `first` and last
    -- (`at`), in seconds.
    hindered jsonb NOT NULL DEFAULT '{}',
    -- Whether the next run takes the list as it is, however much that differs from the last one.
    accepts_list boolean NOT NULL DEFAULT false,
    -- When its list was last imported to its end (exit code 0, 1 or 6).
    last_success timestamptz,
    -- When somebody said last that lines of the journal are lost, as after a restore from a backup.
    -- Until then nobody goes on with a job whose journal has fewer lines than a copy of it.
    restored_at timestamptz,
    -- When the lines of the journal were replaced by fewer that say the same, or by ones without
    -- texts: copies that were noted before do not show that lines were lost.
    rewritten_at timestamptz,
    -- The number of lines from which on it may pay to make the journal smaller again.
    compact_at bigint NOT NULL DEFAULT 0
);
CREATE INDEX work_key ON vorel_fleet.work (key);

-- The workers, each by its name as an owner of leases, and when it was last alive.
CREATE TABLE vorel_fleet.worker (
    name text PRIMARY KEY,
    seen_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- The times at which all jobs were wanted once more: who adds one lets them run.
CREATE TABLE vorel_fleet.night (due timestamptz PRIMARY KEY);

-- What the run of each job has done so far, for `fleet status` alone: whoever runs it notes it now
-- and then. `owner` and `epoch` are those of its lease. Nothing is decided by it.
CREATE TABLE vorel_fleet.progress (
    job bigint PRIMARY KEY,
    owner text NOT NULL,
    epoch bigint NOT NULL,
    figures jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT vorel_fleet.clock()
) WITH (fillfactor = 50);

-- Where the tables are: the numbers that the database has given them. A restored dump has tables
-- with other numbers, so it is noticed, and `lost_at` is when. Lines since the dump are lost, and no
-- job goes on before somebody has said so for it. A migration that makes one of these tables anew
-- has to set `tables` again.
CREATE TABLE vorel_fleet.place (tables oid[] NOT NULL, lost_at timestamptz);
CREATE FUNCTION vorel_fleet.tables() RETURNS oid[]
    LANGUAGE sql STABLE AS $$
        SELECT array_agg(oid ORDER BY relname) FROM pg_catalog.pg_class
        WHERE relnamespace = 'vorel_fleet'::regnamespace
            AND relname IN ('block', 'job', 'lease', 'version', 'work')
    $$;
INSERT INTO vorel_fleet.place (tables) VALUES (vorel_fleet.tables());
-- Notes that the tables are not where they were, which workers see first: they may not change that
-- note themselves, so that none of them can take it back.
CREATE FUNCTION vorel_fleet.see_place() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        UPDATE vorel_fleet.place
        SET tables = vorel_fleet.tables(), lost_at = vorel_fleet.clock()
        WHERE tables <> vorel_fleet.tables()
    $$;
