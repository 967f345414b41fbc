-- Who may do what. The owner (migrator) is not used at run time. The app may add to history and read it, never change it.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO lockstep_app, lockstep_relay, lockstep_reader;

GRANT SELECT, INSERT ON events, commands, outbox TO lockstep_app;
GRANT DELETE, UPDATE (answered_at) ON commands TO lockstep_app;  -- FOR UPDATE asks for it; purges old answers
GRANT SELECT, INSERT, UPDATE ON streams, snapshots TO lockstep_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON claims TO lockstep_app;
GRANT SELECT ON relay_lanes, topics TO lockstep_app;
GRANT USAGE, SELECT ON SEQUENCE log_position TO lockstep_app;
GRANT EXECUTE ON FUNCTION append_v1, apply_claims_v1, refuse_version_gap_v1, refuse_history_change_v1 TO lockstep_app;

GRANT SELECT ON outbox TO lockstep_relay;
GRANT SELECT, UPDATE, INSERT, DELETE ON relay_lanes TO lockstep_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON relay_members TO lockstep_relay;
GRANT SELECT, INSERT ON topics TO lockstep_relay;
GRANT SELECT ON SEQUENCE log_position TO lockstep_relay;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO lockstep_reader;
