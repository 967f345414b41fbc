-- What the relay publishes: one row an event, written in the event's own commit. Nothing here is flagged, updated or
-- deleted row by row; a partition is dropped once every lane's cursor has passed all of it.
-- No index on position: the planner would walk it for ORDER BY position instead of reading (lane, txid).
CREATE TABLE outbox (
    position    bigint      NOT NULL,
    txid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
    lane        smallint    NOT NULL,
    topic       text        NOT NULL,
    partition   smallint    NOT NULL,
    key         text        NOT NULL,
    stream      text        NOT NULL,
    version     bigint      NOT NULL,
    event_id    uuid        NOT NULL,
    type        text        NOT NULL,  -- the published type, on the wire
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),  -- the record's timestamp on Kafka, whose retention goes by it
    headers     text,                  -- JSON object of further record headers (traceparent), or null
    payload     bytea       NOT NULL   -- JSON of the published event
) PARTITION BY RANGE (position);

CREATE INDEX outbox_lane_txid ON outbox (lane, txid);

-- Catches what no partition made ahead covers, so an append never fails for want of one.
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;
