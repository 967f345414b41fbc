"""The write side's schema: thin Alembic revisions that run migrations/sql/*.sql, one object a file."""
