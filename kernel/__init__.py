"""What several processes must agree on, and how a process lives. Standard library and msgspec only."""
