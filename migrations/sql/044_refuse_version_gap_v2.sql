-- Versions of a stream are contiguous from 1 over both tables, and none is in both, whoever inserts. The archive
-- holds the first `archived` versions, so a new event's predecessor is in events, or is the last that was archived; a
-- version that the archive has, the first included, has neither. An append pays one look at its own stream's row for
-- a new stream, and never looks into the archive. Tables are named with their schema: a temporary one of the same
-- name must not stand in.
CREATE FUNCTION refuse_version_gap_v2() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gap record;
BEGIN
    SELECT n.stream, n.version INTO gap
    FROM new_events n
    WHERE CASE
        WHEN n.version = 1 THEN EXISTS (SELECT FROM public.streams s WHERE s.stream = n.stream AND s.archived > 0)
        ELSE NOT EXISTS (SELECT FROM public.events e WHERE e.stream = n.stream AND e.version = n.version - 1)
            AND NOT EXISTS (SELECT FROM public.streams s WHERE s.stream = n.stream AND s.archived = n.version - 1)
        END
    LIMIT 1;
    IF FOUND AND gap.version = 1 THEN
        RAISE EXCEPTION '% has its first versions in the archive, so 1 cannot follow', gap.stream
            USING ERRCODE = 'LS409';
    ELSIF FOUND THEN
        RAISE EXCEPTION '% has no version %, so % cannot follow', gap.stream, gap.version - 1, gap.version
            USING ERRCODE = 'LS409';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER events_contiguous ON events;
CREATE TRIGGER events_contiguous AFTER INSERT ON events REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_version_gap_v2();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_contiguous;

REVOKE EXECUTE ON FUNCTION refuse_version_gap_v2 FROM PUBLIC;
