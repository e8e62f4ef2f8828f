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
