-- Which of these streams have rows that the relay has not published, or holds back. Costs the backlog, which is short
-- when all is well.
CREATE FUNCTION unpublished_streams_v1(of_streams text[]) RETURNS SETOF text
LANGUAGE sql VOLATILE  -- volatile: it must see what was committed up to now, also after a lock was waited for
SET search_path = public, pg_temp
SET enable_seqscan = off
AS $$
    SELECT o.stream
    FROM relay_lanes l
    JOIN outbox o ON o.lane = l.lane AND o.txid >= pg_snapshot_xmin(coalesce(l.passed, '1:1:'))
    JOIN unnest(of_streams) AS asked (stream) ON asked.stream = o.stream
    WHERE NOT pg_visible_in_snapshot(o.txid, coalesce(l.passed, '1:1:'))
    UNION
    -- rows of a lane that nobody serves are waiting too
    SELECT o.stream
    FROM outbox o JOIN unnest(of_streams) AS asked (stream) ON asked.stream = o.stream
    WHERE o.lane > (SELECT max(lane) FROM relay_lanes)
    UNION
    SELECT r.stream FROM relay_held_rows r JOIN unnest(of_streams) AS asked (stream) ON asked.stream = r.stream
$$;

REVOKE EXECUTE ON FUNCTION unpublished_streams_v1 FROM PUBLIC;
