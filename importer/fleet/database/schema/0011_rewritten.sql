-- When the lines of a journal were replaced by fewer that say the same, or by ones without texts:
-- copies that were noted before do not show that lines were lost. `compact_at` is the number of
-- lines from which on it may pay to make the journal smaller again.
ALTER TABLE vorel_fleet.work
    ADD COLUMN rewritten_at timestamptz,
    ADD COLUMN compact_at bigint NOT NULL DEFAULT 0;
-- Whether the lines are packed by zlib, as whoever replaces a journal does it. `head` is of the lines.
ALTER TABLE vorel_fleet.block ADD COLUMN is_packed boolean NOT NULL DEFAULT false;
