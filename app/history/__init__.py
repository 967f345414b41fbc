"""The history side: what happened to a stream, and how it was, read from the event store."""
