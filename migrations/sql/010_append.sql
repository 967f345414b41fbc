-- The append: many commands in one call, one transaction, one round trip. `command` is a command's place in the batch,
-- from 1. Only what was refused comes back, so an empty answer means that every command is stored once this transaction
-- commits. `actual` is the version a stream in conflict stands at, or the place in new_claims of a claim that cannot be had.
--
-- Order of locks, the same in every process: stream rows, then Idempotency-Keys, new streams, claims, each sorted.
-- Refusals are found first (replayed key, version conflict, claim), and what a command behind a refused one decided on
-- the state it would have left is refused as 'redecide'. A race that slips past these looks (another transaction
-- commits the same key, stream or claim in between) raises LS001, and the caller sends the commands again one by one.
CREATE FUNCTION append_v1(
    new_commands append_command[], new_writes append_write[], new_claims append_claim[], new_events append_event[]
) RETURNS TABLE (command int, outcome text, actual bigint, answer text)
LANGUAGE plpgsql VOLATILE
-- Batches are small and tables large: without these a plan made on an empty table would scan or hash it for ever.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    refused   int[]    := '{}';
    outcomes  text[]   := '{}';
    actuals   bigint[] := '{}';
    answers   text[]   := '{}';
    behind    int[];
    changed   bigint;
BEGIN
    -- The transaction's id comes before any position, so positions of later transactions are not taken under earlier ids.
    PERFORM pg_current_xact_id();
    PERFORM FROM streams WHERE stream = ANY (ARRAY(SELECT w.stream FROM unnest(new_writes) w)) ORDER BY stream FOR UPDATE;

    SELECT coalesce(array_agg(r.command), '{}'), array_agg(r.outcome), array_agg(r.actual), array_agg(r.answer)
    INTO refused, outcomes, actuals, answers
    FROM (
        SELECT DISTINCT ON (f.command) f.command, f.outcome, f.actual, f.answer
        FROM (
            SELECT 0 AS rank, c.command::int, NULL::bigint AS actual, known.answer,
                   CASE WHEN known.request_hash = c.request_hash THEN 'replayed' ELSE 'key-reused' END AS outcome
            FROM unnest(new_commands) WITH ORDINALITY AS c (principal, key, request_hash, answer, command)
            JOIN commands known ON known.principal = c.principal AND known.key = c.key
            UNION ALL
            SELECT 1, head.command, coalesce(s.version, 0), NULL, 'conflict'
            FROM (
                SELECT DISTINCT ON (w.stream) w.stream, w.command, w.expected
                FROM unnest(new_writes) AS w
                ORDER BY w.stream, w.expected, w.command
            ) head
            LEFT JOIN streams s ON s.stream = head.stream
            WHERE coalesce(s.version, 0) <> head.expected
            UNION ALL
            SELECT 2, k.command, k.place, NULL,
                   CASE WHEN k.op = 'take' THEN 'claim-taken'
                        WHEN held.holder IS NULL THEN 'claim-missing'
                        ELSE 'claim-foreign' END
            FROM unnest(new_claims) WITH ORDINALITY AS k (command, op, scope, value, holder, stream, place)
            LEFT JOIN claims held ON held.scope = k.scope AND held.value = k.value
            WHERE CASE WHEN k.op = 'take' THEN held.holder IS NOT NULL
                       ELSE held.holder IS DISTINCT FROM k.holder END
        ) f
        ORDER BY f.command, f.rank, f.actual
    ) r;

    IF cardinality(refused) > 0 THEN
        LOOP
            SELECT array_agg(DISTINCT later.command) INTO behind
            FROM unnest(new_writes) AS later
            JOIN unnest(new_writes) AS earlier
              ON earlier.stream = later.stream AND earlier.expected <= later.expected AND earlier.command < later.command
            WHERE earlier.command = ANY (refused) AND later.command <> ALL (refused);
            EXIT WHEN behind IS NULL;
            refused := refused || behind;
            outcomes := outcomes || array_fill('redecide'::text, ARRAY[cardinality(behind)]);
            actuals := actuals || array_fill(NULL::bigint, ARRAY[cardinality(behind)]);
            answers := answers || array_fill(NULL::text, ARRAY[cardinality(behind)]);
        END LOOP;
    END IF;

    IF cardinality(refused) < cardinality(new_commands) THEN
        INSERT INTO commands (principal, key, request_hash, answer)
        SELECT c.principal, c.key, c.request_hash, c.answer
        FROM unnest(new_commands) WITH ORDINALITY AS c (principal, key, request_hash, answer, command)
        WHERE c.command <> ALL (refused)
        ORDER BY c.principal, c.key
        ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS changed = ROW_COUNT;
        IF changed <> cardinality(new_commands) - cardinality(refused) THEN
            RAISE EXCEPTION 'another transaction stored one of these keys' USING ERRCODE = 'LS001';
        END IF;

        IF EXISTS (SELECT FROM unnest(new_writes) w WHERE w.expected = 0) THEN
            WITH made AS (
                INSERT INTO streams (stream, category, version)
                SELECT w.stream, min(w.category), max(w.version)
                FROM unnest(new_writes) AS w
                WHERE w.command <> ALL (refused) AND w.version > w.expected
                GROUP BY w.stream HAVING min(w.expected) = 0
                ORDER BY w.stream
                ON CONFLICT DO NOTHING
                RETURNING 1
            )
            SELECT count(*) - (
                SELECT count(*) FROM (
                    SELECT w.stream
                    FROM unnest(new_writes) AS w
                    WHERE w.command <> ALL (refused) AND w.version > w.expected
                    GROUP BY w.stream HAVING min(w.expected) = 0) AS wanted)
            INTO changed FROM made;
            IF changed <> 0 THEN
                RAISE EXCEPTION 'another transaction made one of these streams' USING ERRCODE = 'LS001';
            END IF;
        END IF;

        UPDATE streams s SET version = f.version
        FROM (
            SELECT w.stream, max(w.version) AS version
            FROM unnest(new_writes) AS w
            WHERE w.command <> ALL (refused) AND w.version > w.expected
            GROUP BY w.stream HAVING min(w.expected) > 0
        ) f
        WHERE s.stream = f.stream;

        IF cardinality(new_claims) > 0 THEN
            PERFORM apply_claims_v1(refused, new_claims);
        END IF;

        WITH fresh AS MATERIALIZED (
            -- positions are taken here, in order, after every stream row is locked: within a stream they rise with versions
            SELECT nextval('log_position') AS position, e.*
            FROM unnest(new_events) AS e
            WHERE e.command <> ALL (refused)
        ), stored AS (
            INSERT INTO events (stream, version, event_id, type, schema_version, data, metadata, occurred_at, position)
            SELECT stream, version, event_id, type, schema_version, data::jsonb, metadata::jsonb, occurred_at, position
            FROM fresh
        )
        INSERT INTO outbox (position, lane, topic, partition, key, stream, version, event_id, type, occurred_at,
                            headers, payload)
        SELECT position, lane, topic, partition, key, stream, version, event_id, published_type, occurred_at,
               headers, payload
        FROM fresh;
    END IF;

    RETURN QUERY SELECT * FROM unnest(refused, outcomes, actuals, answers);
END $$;
