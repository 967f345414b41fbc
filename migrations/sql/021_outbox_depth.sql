-- About how many rows wait to be published: how far the log's head is from the lane that is furthest behind. A lane with
-- nothing waiting counts nothing however old its last record is. A few index probes, whatever the outbox holds.
CREATE FUNCTION outbox_depth_v1() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off
AS $$
    SELECT coalesce(max((SELECT last_value FROM log_position) - l.position), 0)
    FROM relay_lanes l
    WHERE EXISTS (
        SELECT FROM outbox o
        WHERE o.lane = l.lane AND o.txid >= pg_snapshot_xmax(coalesce(l.passed, '1:1:')))
$$;

GRANT EXECUTE ON FUNCTION outbox_depth_v1 TO lockstep_relay, lockstep_app;
