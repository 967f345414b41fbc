-- What one call of the append is given: four tables of input.
CREATE TYPE append_command AS (principal text, key text, request_hash bytea, answer text);
-- `expected` is the version the stream stands at (0: it does not exist), `version` the one it will stand at.
CREATE TYPE append_write AS (command int, stream text, category text, expected bigint, version bigint);
CREATE TYPE append_claim AS (command int, op text, scope text, value text, holder text, stream text);
CREATE TYPE append_event AS (
    command int, stream text, version bigint, event_id uuid, type text, schema_version smallint, data text,
    metadata text, occurred_at timestamptz, lane smallint, topic text, partition smallint, key text,
    published_type text, headers text, payload bytea
);
