-- The place of an event in the whole log. CACHE 1: a second writer of a stream takes its number after the first has
-- committed, so within a stream positions rise with versions.
CREATE SEQUENCE log_position AS bigint CACHE 1;
