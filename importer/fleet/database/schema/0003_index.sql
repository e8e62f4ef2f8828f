-- The index of a journal of many lines, in pieces, as a worker has made it: whoever reads the
-- journal for the first time need not sort all lines again. It is for the lines up to `last_block`,
-- whose digest is `head`, and for readers that have the version `made_by`. `sha256` is that of all
-- these lines, so that they are proven together.
CREATE TABLE vorel_fleet.journal_index (
    job bigint NOT NULL,
    piece integer NOT NULL,
    made_by text NOT NULL,
    lines bigint NOT NULL,
    last_block bigint NOT NULL,
    head bytea NOT NULL,
    sha256 bytea NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (job, piece)
);
ALTER TABLE vorel_fleet.journal_index ALTER COLUMN data SET STORAGE EXTERNAL;
