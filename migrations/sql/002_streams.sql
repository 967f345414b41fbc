-- One row a stream: the row that concurrent writers of a stream lock, and its version.
CREATE TABLE streams (
    stream   text   PRIMARY KEY CHECK (octet_length(stream) BETWEEN 1 AND 200),
    category text   NOT NULL,
    version  bigint NOT NULL CHECK (version > 0)
) WITH (fillfactor = 70);  -- room for HOT updates: version is in no index
