-- Append-only, now that events may be moved: no UPDATE and no TRUNCATE by anybody, and a row leaves `events` only if
-- by the end of the same statement the archive has it, the same to the bit. Whoever deletes: this asks for no name
-- and no setting.
CREATE FUNCTION refuse_history_loss_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lost record;
BEGIN
    SELECT o.stream, o.version INTO lost
    FROM old_events o
    WHERE NOT EXISTS (
        SELECT FROM public.events_archive a
        WHERE a.stream = o.stream AND a.version = o.version AND
        -- image for image: jsonb, by =, takes 1 and 1.0 for the same
        (a.event_id, a.type, a.schema_version, a.data, a.metadata, a.occurred_at, a.recorded_at, a.position)::record *=
        (o.event_id, o.type, o.schema_version, o.data, o.metadata, o.occurred_at, o.recorded_at, o.position)::record)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'history is append-only: % on % is refused, the archive has not version % of %',
            TG_OP, TG_TABLE_NAME, lost.version, lost.stream USING ERRCODE = 'LS403';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER events_append_only ON events;
CREATE TRIGGER events_append_only BEFORE UPDATE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change_v1();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
CREATE TRIGGER events_only_moved AFTER DELETE ON events REFERENCING OLD TABLE AS old_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_loss_v1();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_only_moved;

REVOKE EXECUTE ON FUNCTION refuse_history_loss_v1 FROM PUBLIC;
