-- Every command that was answered: the first answer of each Idempotency-Key, in the same commit as its events.
-- A command sent without a key has its command id here, so that a lost COMMIT can be looked up all the same.
CREATE TABLE commands (
    principal    text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,  -- of method, path and raw body; behind it checksums of its fields
    answer       text        NOT NULL,  -- JSON: status, headers, body
    answered_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX commands_answered_at ON commands USING brin (answered_at);
