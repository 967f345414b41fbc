-- History. UNIQUE (stream, version) is the arbiter of concurrency, whatever the isolation level.
CREATE TABLE events (
    stream         text        NOT NULL,
    version        bigint      NOT NULL CHECK (version > 0),
    event_id       uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version smallint    NOT NULL,
    data           jsonb       NOT NULL,
    metadata       jsonb       NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    position       bigint      NOT NULL,
    PRIMARY KEY (stream, version)
);

CREATE FUNCTION refuse_history_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'LS403';
END $$;

-- ALWAYS: an ordinary trigger is skipped under session_replication_role = replica. Row triggers never fire for
-- TRUNCATE, so both are statement triggers.
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change_v1();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;

-- Versions of a stream are contiguous from 1, whoever inserts: every new event's predecessor must be there.
CREATE FUNCTION refuse_version_gap_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gap record;
BEGIN
    SELECT n.stream, n.version INTO gap
    FROM new_events n
    WHERE n.version > 1
      AND NOT EXISTS (SELECT 1 FROM events e WHERE e.stream = n.stream AND e.version = n.version - 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% has no version %, so % cannot follow', gap.stream, gap.version - 1, gap.version
            USING ERRCODE = 'LS409';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER events_contiguous AFTER INSERT ON events REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_version_gap_v1();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_contiguous;
