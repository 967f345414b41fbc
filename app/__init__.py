"""The HTTP API: command side, query side, history side; a process takes one role or all."""
