"""The command side: authorise, idempotency, load, decide, append."""
