-- How many lanes there are; partition mod lanes is fixed in each outbox row when it is written.
CREATE TABLE relay_lanes (
    lane        smallint    PRIMARY KEY,
    owner       uuid,                          -- the relay process that has it, null when free
    epoch       bigint      NOT NULL DEFAULT 0, -- one higher at each taking; every confirm says WHERE epoch = mine
    lease_until timestamptz NOT NULL DEFAULT '-infinity',  -- by this database's clock alone
    cursor      text,                          -- the mirror of the cursor committed in Kafka
    passed      pg_snapshot,                   -- the cursor's own snapshot: what it sees is published, for retention
    position    bigint  NOT NULL DEFAULT 0,    -- the highest published, for telling how much waits
    confirmed_at timestamptz
) WITH (fillfactor = 50);  -- updated all the time, and in no index

-- The relays that are alive, so that they share the lanes out by themselves.
CREATE TABLE relay_members (
    relay   uuid        PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- The partition count each topic was made with; start-up refuses a topic that differs.
CREATE TABLE topics (
    topic      text     PRIMARY KEY,
    partitions smallint NOT NULL CHECK (partitions > 0)
);
