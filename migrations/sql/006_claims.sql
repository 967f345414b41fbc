-- Rules over a set: who holds (scope, value). Keyed by its own value, so the one table that would cross cells.
CREATE TABLE claims (
    scope  text NOT NULL,
    value  text NOT NULL,
    holder text NOT NULL,
    stream text NOT NULL,
    PRIMARY KEY (scope, value)
);
