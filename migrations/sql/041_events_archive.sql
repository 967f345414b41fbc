-- Where the events of closed streams are moved, whole: the same rows out of the way of the appends. A rebuild reads
-- history by position, which is not the order in which rows come here.
CREATE TABLE events_archive (
    stream         text        NOT NULL,
    version        bigint      NOT NULL CHECK (version > 0),
    event_id       uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version smallint    NOT NULL,
    data           jsonb       NOT NULL,
    metadata       jsonb       NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    position       bigint      NOT NULL,
    PRIMARY KEY (stream, version)
);

CREATE INDEX events_archive_position ON events_archive (position);

CREATE TRIGGER events_archive_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events_archive
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change_v1();
ALTER TABLE events_archive ENABLE ALWAYS TRIGGER events_archive_append_only;

-- An event is in one of the two tables: what is put here has left the other by the end of the same statement.
CREATE FUNCTION refuse_history_copy_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    copied record;
BEGIN
    SELECT n.stream, n.version INTO copied
    FROM new_events n
    WHERE EXISTS (SELECT FROM public.events e WHERE e.stream = n.stream AND e.version = n.version)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% has version % in events, so the archive cannot have it', copied.stream, copied.version
            USING ERRCODE = 'LS403';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER events_archive_alone AFTER INSERT ON events_archive REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_copy_v1();
ALTER TABLE events_archive ENABLE ALWAYS TRIGGER events_archive_alone;

REVOKE EXECUTE ON FUNCTION refuse_history_copy_v1 FROM PUBLIC;
GRANT SELECT ON events_archive TO lockstep_app, lockstep_reader;
