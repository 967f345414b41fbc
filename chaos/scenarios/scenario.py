"""The shape of a scenario."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from chaos.stage import Stage

Play = Callable[[Stage], Awaitable[None]]


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """`play` starts what it needs on the stage's system, does its faults with a crowd at work, and says what bit."""

    name: str
    title: str
    play: Play
    live_seconds: float = 30
    settings: Mapping[str, str] = {}
    """LOCKSTEP_* values that every process of the system is given."""
