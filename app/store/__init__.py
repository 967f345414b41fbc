"""The event store on PostgreSQL: append, read, snapshots, answers, claims."""
