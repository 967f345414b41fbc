-- Every stored event, wherever it is: what history, rebuilds and auditors read.
CREATE VIEW all_events AS
    SELECT stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at, position
    FROM events
    UNION ALL
    SELECT stream, version, event_id, type, schema_version, data, metadata, occurred_at, recorded_at, position
    FROM events_archive;

GRANT SELECT ON all_events TO lockstep_app, lockstep_reader;
