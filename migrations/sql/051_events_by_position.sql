-- A rebuild reads history by position, in windows. BRIN: positions follow the heap's own order, so an append pays nothing
-- for it and a window reads the few pages that hold it.
CREATE INDEX events_position ON events USING brin (position) WITH (pages_per_range = 16, autosummarize = on);

-- What was stored since the last vacuum is in no summary, and every window would read all of it.
CREATE FUNCTION summarize_positions_v1() RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT brin_summarize_new_values('events_position')
$$;
REVOKE ALL ON FUNCTION summarize_positions_v1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION summarize_positions_v1 TO lockstep_relay;

GRANT SELECT ON all_events TO lockstep_relay;  -- to replay it, never to change it
