"""Outbox to Kafka: every stored event exactly once, in the order of its stream."""
