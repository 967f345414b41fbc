-- States of streams at versions that the history side has folded to, for it to fold on from: every one of them can be
-- made again, so losing this table costs time only. `occurred_until` and `recorded_until` are the latest of the
-- events folded: the state may stand for them at a moment only if the moment is not before.
CREATE TABLE history_snapshots (
    stream         text        NOT NULL,
    version        bigint      NOT NULL CHECK (version > 0),
    schema_version smallint    NOT NULL,
    state          jsonb       NOT NULL,
    occurred_until timestamptz NOT NULL,
    recorded_until timestamptz NOT NULL,
    taken_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream, version)
);

GRANT SELECT, INSERT, UPDATE ON history_snapshots TO lockstep_app;
GRANT SELECT ON history_snapshots TO lockstep_reader;
