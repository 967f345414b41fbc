-- The outbox's partitions: ranges of position, made ahead, dropped once every lane has passed all of one; never by time.
CREATE FUNCTION outbox_partitions_v1() RETURNS TABLE (name text, lower bigint, upper bigint)
LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
    SELECT c.relname::text, bounds[1]::bigint, bounds[2]::bigint
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \(''(\d+)''\) TO \(''(\d+)''\)') AS bounds
    WHERE i.inhparent = 'outbox'::regclass AND bounds IS NOT NULL
    ORDER BY 2
$$;

-- Afterwards partitions of `size` positions cover the next `ahead` sizes. Returns how many were made.
CREATE FUNCTION outbox_make_partitions_v1(ahead int, size bigint) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '200ms'  -- an append must not queue behind this for long
AS $$
DECLARE
    head bigint := (SELECT last_value FROM log_position);
    top  bigint := (SELECT max(p.upper) FROM outbox_partitions_v1() p);
    name text;
    made int := 0;
BEGIN
    -- relays do this one at a time
    IF NOT pg_try_advisory_xact_lock(hashtext('lockstep outbox partitions')) THEN
        RETURN 0;
    END IF;
    IF top IS NULL AND NOT EXISTS (SELECT FROM outbox_default) THEN
        top := head / size * size;
    ELSIF top IS NULL OR top <= head THEN
        -- nobody made partitions for long: what is written now goes to outbox_default until the next boundary, and a
        -- partition may only be attached where outbox_default has nothing
        top := ((head + size / 10) / size + 1) * size;
    END IF;
    WHILE top < head + ahead * size LOOP
        name := format('outbox_%s', lpad((top / size)::text, 9, '0') || CASE WHEN top % size = 0 THEN '' ELSE '_' || top END);
        -- made beside and attached: CREATE … PARTITION OF would lock every append out
        EXECUTE format('CREATE TABLE %I (LIKE outbox INCLUDING ALL)', name);
        -- written once, read once, dropped whole: a vacuum for the sake of inserts is work for nothing
        EXECUTE format('ALTER TABLE %I SET (autovacuum_vacuum_insert_threshold = -1)', name);
        EXECUTE format('ALTER TABLE outbox ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, top, top + size);
        top := top + size;
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;

-- Whether every lane's confirmed cursor has passed every row that can be seen in `part`.
CREATE FUNCTION outbox_passed_v1(part regclass) RETURNS boolean
LANGUAGE plpgsql VOLATILE  -- volatile: it must see what was committed up to now, also after a lock was waited for
SET search_path = public, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    waiting boolean;
BEGIN
    EXECUTE format($query$
        SELECT EXISTS (
            SELECT FROM relay_lanes l, LATERAL (
                SELECT FROM %1$s o
                WHERE o.lane = l.lane AND o.txid >= pg_snapshot_xmin(coalesce(l.passed, '1:1:'))
                  AND NOT pg_visible_in_snapshot(o.txid, coalesce(l.passed, '1:1:'))
                LIMIT 1) AS unpublished)
            -- rows of a lane that nobody serves are waiting too
            OR EXISTS (SELECT FROM %1$s o WHERE o.lane > (SELECT max(lane) FROM relay_lanes))
    $query$, part) INTO waiting;
    RETURN NOT waiting;
END $$;

-- Drops the oldest partition that every lane has passed and no append can reach any more, or empties outbox_default
-- if it has been passed. Returns its name, or null when there is nothing to do now.
CREATE FUNCTION outbox_drop_passed_v1() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET lock_timeout = '100ms'
AS $$
DECLARE
    head bigint := (SELECT last_value FROM log_position);
    part record;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('lockstep outbox partitions')) THEN
        RETURN NULL;
    END IF;
    FOR part IN SELECT p.name, p.upper FROM outbox_partitions_v1() p WHERE p.upper <= head ORDER BY p.lower LOOP
        CONTINUE WHEN NOT outbox_passed_v1(part.name::regclass);
        BEGIN
            -- An append that has written here holds a lock until its commit, so with ours nothing is in flight here. One
            -- that has only taken its position will find no partition and go to outbox_default.
            EXECUTE format('LOCK TABLE ONLY outbox, ONLY %I IN ACCESS EXCLUSIVE MODE', part.name);
            CONTINUE WHEN NOT outbox_passed_v1(part.name::regclass);
            EXECUTE format('DROP TABLE %I', part.name);
            RETURN part.name;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            RETURN NULL;  -- the next round tries again
        END;
    END LOOP;
    IF EXISTS (SELECT FROM outbox_default) AND outbox_passed_v1('outbox_default') THEN
        BEGIN
            LOCK TABLE ONLY outbox_default IN ACCESS EXCLUSIVE MODE;
            IF outbox_passed_v1('outbox_default') THEN
                TRUNCATE ONLY outbox_default;
                RETURN 'outbox_default';
            END IF;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            RETURN NULL;
        END;
    END IF;
    RETURN NULL;
END $$;

GRANT EXECUTE ON FUNCTION outbox_partitions_v1, outbox_make_partitions_v1, outbox_drop_passed_v1 TO lockstep_relay;

SELECT outbox_make_partitions_v1(4, 1000000);
