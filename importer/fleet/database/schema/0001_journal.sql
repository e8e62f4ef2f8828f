-- Journals of jobs, and leases of API keys. docs/fleet.md says what each is for.

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
    sends timestamptz[] NOT NULL
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
    PRIMARY KEY (job, first_line)
);
