-- An aggregate's state at a version, to fold from; ignored when its schema is not today's.
CREATE TABLE snapshots (
    stream         text        PRIMARY KEY,
    version        bigint      NOT NULL,
    schema_version smallint    NOT NULL,
    state          jsonb       NOT NULL,
    taken_at       timestamptz NOT NULL DEFAULT now()
);
