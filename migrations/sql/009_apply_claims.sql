-- Takes, requires and releases claims of the commands that were not refused. Raises LS001 when another transaction
-- changed one of them since the caller looked.
CREATE FUNCTION apply_claims_v1(
    refused int[], new_claims append_claim[]
) RETURNS void LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    changed bigint;
    wanted  bigint;
BEGIN
    INSERT INTO claims (scope, value, holder, stream)
    SELECT k.scope, k.value, k.holder, k.stream
    FROM unnest(new_claims) AS k
    WHERE k.op = 'take' AND k.command <> ALL (refused)
    ORDER BY k.scope, k.value
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS changed = ROW_COUNT;

    WITH held AS (
        SELECT c.scope, c.value
        FROM unnest(new_claims) AS k
        JOIN claims c ON c.scope = k.scope AND c.value = k.value AND c.holder = k.holder
        WHERE k.op <> 'take' AND k.command <> ALL (refused)
        ORDER BY c.scope, c.value
        FOR UPDATE OF c
    )
    SELECT changed + count(*) INTO changed FROM held;

    SELECT count(*) INTO wanted FROM unnest(new_claims) AS k WHERE k.command <> ALL (refused);
    IF changed <> wanted THEN
        RAISE EXCEPTION 'another transaction changed one of these claims' USING ERRCODE = 'LS001';
    END IF;

    DELETE FROM claims c
    USING unnest(new_claims) AS k
    WHERE k.op = 'release' AND k.command <> ALL (refused) AND c.scope = k.scope AND c.value = k.value;
END $$;
