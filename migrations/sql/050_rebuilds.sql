-- Read models asked to be built anew: the relay replays stored events into a topic of the rebuild's own. What becomes of
-- it afterwards (caught up, compared, switched) is the read side's, and stands in MongoDB.
CREATE TABLE rebuilds (
    id           uuid        PRIMARY KEY,
    projection   text        NOT NULL,
    generation   integer     NOT NULL CHECK (generation > 1),
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    switch       boolean     NOT NULL,  -- readers are to be switched to it as soon as it has caught up
    state        text        NOT NULL DEFAULT 'requested'
                 CHECK (state IN ('requested', 'replaying', 'replayed', 'failed')),
    owner        uuid,                  -- the relay that replays
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',  -- by this database's clock alone
    upto         bigint,                -- the last position to replay; what is stored later comes by the live topic
    position     bigint      NOT NULL DEFAULT 0,  -- all up to here has been sent
    sent         bigint      NOT NULL DEFAULT 0,
    error        text,
    finished_at  timestamptz,
    UNIQUE (projection, generation)
);

-- one at a time: whoever asks again meanwhile is told of the one under way
CREATE UNIQUE INDEX rebuilds_under_way ON rebuilds (projection) WHERE state IN ('requested', 'replaying');

GRANT SELECT, INSERT ON rebuilds TO lockstep_app;
GRANT SELECT, UPDATE ON rebuilds TO lockstep_relay;
GRANT SELECT ON rebuilds TO lockstep_reader;
