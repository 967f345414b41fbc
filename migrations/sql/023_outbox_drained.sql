-- For changing the lanes: no append is possible until this transaction ends, and everything has been published by every
-- lane. Raises LS410 when something waits, or somebody who fixes lanes in rows is still connected.
CREATE FUNCTION outbox_lock_drained_v1() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '2s'
AS $$
DECLARE
    part regclass;
BEGIN
    IF EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'lockstep_app' AND datname = current_database()) THEN
        RAISE EXCEPTION 'app processes are still connected: stop them, they would go on with the old lanes'
            USING ERRCODE = 'LS410';
    END IF;
    LOCK TABLE outbox IN EXCLUSIVE MODE;
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'outbox'::regclass LOOP
        IF NOT outbox_passed_v1(part) THEN
            RAISE EXCEPTION 'the outbox is not drained: let the relays publish it all, then stop them'
                USING ERRCODE = 'LS410';
        END IF;
    END LOOP;
    IF EXISTS (SELECT FROM relay_held_rows) THEN
        RAISE EXCEPTION 'streams are held because of missing versions: mend these first' USING ERRCODE = 'LS410';
    END IF;
    IF EXISTS (SELECT FROM relay_lanes WHERE lease_until > clock_timestamp()) THEN
        RAISE EXCEPTION 'a relay still has a lane: stop all relays' USING ERRCODE = 'LS410';
    END IF;
END $$;

GRANT EXECUTE ON FUNCTION outbox_lock_drained_v1 TO lockstep_relay;
