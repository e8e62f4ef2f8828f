-- Notes that the tables are not where they were, which workers see first: they may not change that
-- note themselves, so that none of them can take it back.
CREATE FUNCTION vorel_fleet.see_place() RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
        UPDATE vorel_fleet.place
        SET tables = vorel_fleet.tables(), lost_at = vorel_fleet.clock()
        WHERE tables <> vorel_fleet.tables()
    $$;
