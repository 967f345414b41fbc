"""Kafka → MongoDB: what was published becomes documents that equal the fold of the stored events, whatever dies."""
