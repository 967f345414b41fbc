-- Looks at the next `look` streams behind `after`, and moves the events of those that are closed: the last event's
-- type is one that closes a stream of that category, it is older than `quiet_for`, and all is published. At most
-- `max_streams` streams and `max_events` events in a call; of a stream that is longer, its first events, and the rest
-- in the calls that follow. `next_after` is where the next call goes on, null at the end. What it could be asked
-- wrongly harms nothing: a stream that is still open is appended to and read as before, with its first events in the
-- archive.
CREATE FUNCTION archive_closed_v1(
    after text, look int, max_streams int, max_events bigint, categories text[], types text[], quiet_for interval
) RETURNS TABLE (next_after text, looked int, moved_streams int, moved_events bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    last_looked text;
    closed      text[];
    ids         text[];
    froms       bigint[];
    untils      bigint[];
    left_out    text;
    wanted      bigint;
BEGIN
    SELECT count(*), max(s.stream) INTO looked, last_looked
    FROM (SELECT stream FROM streams WHERE stream > after ORDER BY stream LIMIT look) s;
    moved_streams := 0;
    moved_events := 0;

    -- An append locks this row first, so none is under way on these streams; one that is busy waits for another day.
    closed := ARRAY(
        SELECT s.stream
        FROM streams s JOIN events e ON e.stream = s.stream AND e.version = s.version
        WHERE s.stream > after AND s.stream <= last_looked AND s.archived < s.version
          AND e.recorded_at <= now() - quiet_for
          AND EXISTS (SELECT FROM unnest(categories, types) AS c (category, type)
                      WHERE c.category = s.category AND c.type = e.type)
        ORDER BY s.stream
        FOR UPDATE OF s SKIP LOCKED);

    WITH ready AS (
        SELECT s.stream, s.archived, s.version,
               sum(s.version - s.archived) OVER (ORDER BY s.stream) - (s.version - s.archived) AS before,
               row_number() OVER (ORDER BY s.stream) AS place
        FROM streams s
        WHERE s.stream = ANY (closed) AND s.stream NOT IN (SELECT u FROM unpublished_streams_v1(closed) u)
    ), fitting AS (
        SELECT r.*, least(r.version, r.archived + max_events - r.before)::bigint AS until,
               r.place <= max_streams AND r.before < max_events AS fits
        FROM ready r
    )
    SELECT array_agg(f.stream ORDER BY f.stream) FILTER (WHERE f.fits),
           array_agg(f.archived ORDER BY f.stream) FILTER (WHERE f.fits),
           array_agg(f.until ORDER BY f.stream) FILTER (WHERE f.fits),
           min(f.stream) FILTER (WHERE NOT f.fits OR f.until < f.version),
           coalesce(sum(f.until - f.archived) FILTER (WHERE f.fits), 0)
    INTO ids, froms, untils, left_out, wanted
    FROM fitting f;

    IF ids IS NOT NULL THEN
        WITH moved AS (
            DELETE FROM events e
            USING unnest(ids, froms, untils) AS t (stream, archived, until)
            WHERE e.stream = t.stream AND e.version > t.archived AND e.version <= t.until
            RETURNING e.*
        ), kept AS (
            INSERT INTO events_archive (stream, version, event_id, type, schema_version, data, metadata, occurred_at,
                                        recorded_at, position)
            SELECT stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at, position
            FROM moved
            ORDER BY stream, version
            RETURNING 1
        )
        SELECT count(*) INTO moved_events FROM kept;
        IF moved_events <> wanted THEN
            RAISE EXCEPTION 'these streams have holes: % events where % should be', moved_events, wanted
                USING ERRCODE = 'LS409';
        END IF;
        UPDATE streams s SET archived = t.until
        FROM unnest(ids, untils) AS t (stream, until)
        WHERE s.stream = t.stream;
        moved_streams := cardinality(ids);
    END IF;

    IF left_out IS NOT NULL THEN  -- wholly or in part: the next call begins with it
        SELECT count(*), coalesce(max(s.stream), after) INTO looked, next_after
        FROM streams s WHERE s.stream > after AND s.stream < left_out;
    ELSIF looked = look THEN
        next_after := last_looked;
    END IF;
    RETURN NEXT;
END $$;

REVOKE EXECUTE ON FUNCTION archive_closed_v1 FROM PUBLIC;
GRANT EXECUTE ON FUNCTION archive_closed_v1 TO lockstep_app;
