-- Streams that a hole has stopped. Their rows are copied here before the lane's cursor passes them, so the lane goes on
-- and nothing is lost; once the missing version is here too, the run goes back into the outbox as new rows.
CREATE TABLE relay_held_streams (
    stream  text        PRIMARY KEY,
    lane    smallint    NOT NULL,
    wanted  bigint      NOT NULL,  -- the version that must come next
    held_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE relay_held_rows (
    LIKE outbox,
    PRIMARY KEY (stream, version)
);

-- Copies these rows of the lane's outbox; `wanteds` says what each one's stream is waiting for. Safe to repeat.
CREATE FUNCTION relay_hold_v1(of_lane smallint, positions bigint[], streams text[], wanteds bigint[]) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    INSERT INTO relay_held_streams (stream, lane, wanted)
    SELECT h.stream, of_lane, min(h.wanted) FROM unnest(streams, wanteds) AS h (stream, wanted) GROUP BY h.stream
    ON CONFLICT DO NOTHING;
    INSERT INTO relay_held_rows
    SELECT o.* FROM outbox o WHERE o.lane = of_lane AND o.position = ANY (positions)
    ON CONFLICT DO NOTHING;
$$;

-- Puts back into the outbox, as new rows of this transaction, every run that starts with its stream's wanted version and
-- whose originals the lane's cursor has passed for good. Returns how many rows.
CREATE FUNCTION relay_release_held_v1(of_lane smallint, passed pg_snapshot) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$
    WITH RECURSIVE run AS (
        SELECT s.stream, s.wanted AS version
        FROM relay_held_streams s JOIN relay_held_rows r ON r.stream = s.stream AND r.version = s.wanted
        WHERE s.lane = of_lane AND pg_visible_in_snapshot(r.txid, passed)
        UNION ALL
        SELECT run.stream, run.version + 1
        FROM run JOIN relay_held_rows r ON r.stream = run.stream AND r.version = run.version + 1
        WHERE pg_visible_in_snapshot(r.txid, passed)
    ), taken AS (
        DELETE FROM relay_held_rows r USING run WHERE r.stream = run.stream AND r.version = run.version RETURNING r.*
    ), ordered AS MATERIALIZED (
        SELECT nextval('log_position') AS place, t.* FROM (SELECT * FROM taken ORDER BY stream, version) t
    ), moved AS (
        UPDATE relay_held_streams s SET wanted = last.version + 1
        FROM (SELECT stream, max(version) AS version FROM run GROUP BY stream) last
        WHERE s.stream = last.stream
          AND EXISTS (SELECT FROM relay_held_rows r WHERE r.stream = s.stream AND r.version > last.version)
    ), freed AS (
        DELETE FROM relay_held_streams s
        USING (SELECT stream, max(version) AS version FROM run GROUP BY stream) last
        WHERE s.stream = last.stream
          AND NOT EXISTS (SELECT FROM relay_held_rows r WHERE r.stream = s.stream AND r.version > last.version)
    ), back AS (
        INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at,
                            recorded_at, headers, payload)
        SELECT place, lane, topic, partition, key, stream, version, event_id, type, occurred_at, recorded_at, headers, payload
        FROM ordered
        RETURNING 1
    )
    SELECT count(*) FROM back
$$;

GRANT SELECT ON relay_held_streams, relay_held_rows TO lockstep_relay;
GRANT UPDATE (wanted) ON relay_held_streams TO lockstep_relay;
GRANT EXECUTE ON FUNCTION relay_hold_v1, relay_release_held_v1 TO lockstep_relay;
