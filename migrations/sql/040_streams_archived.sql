-- How many of a stream's first versions are in events_archive; the rest is in events. The append neither writes nor
-- reads it, and nobody but archive_closed_v1 may write it: refuse_version_gap_v2 goes by it.
ALTER TABLE streams ADD COLUMN archived bigint NOT NULL DEFAULT 0;

REVOKE INSERT, UPDATE ON streams FROM lockstep_app;
GRANT INSERT (stream, category, version), UPDATE (version) ON streams TO lockstep_app;
