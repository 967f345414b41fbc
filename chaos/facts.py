"""Waiting for facts, from the kit that everybody's tests use."""

from lockstep_testing.facts import eventually

__all__ = ["eventually"]
