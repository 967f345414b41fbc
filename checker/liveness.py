"""How the run went for those who used it: whether everything caught up by itself, and how much was answered, second by
second, inside and outside the faults. Availability is told, not judged; catching up is judged.
"""

from __future__ import annotations

from collections import Counter
from statistics import fmean

import msgspec

from checker.history import END_OF_TIME
from checker.run import Run
from checker.stored import About, Fault

SECOND = 1_000_000_000


class Availability(msgspec.Struct, frozen=True, kw_only=True):
    """The share of operations that began in a second and were acknowledged in the end within a second of patience."""

    seconds: int
    mean: float
    least: float


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    caught_up_seconds: float | None
    allowed_seconds: float
    inside_faults: Availability | None
    outside_faults: Availability | None

    @property
    def is_alive(self) -> bool:
        return self.caught_up_seconds is not None and self.caught_up_seconds <= self.allowed_seconds


def liveness_of(run: Run) -> Liveness:
    about = run.about
    inside, outside = _shares(run)
    return Liveness(
        caught_up_seconds=_caught_up(about),
        allowed_seconds=about.live_seconds,
        inside_faults=_availability(inside),
        outside_faults=_availability(outside),
    )


def _caught_up(about: About) -> float | None:
    if about.caught_up_ns is None:
        return None
    return max(0.0, (about.caught_up_ns - about.healed_ns) / SECOND)


def _shares(run: Run) -> tuple[list[float], list[float]]:
    """Shares by second: of seconds that a fault touched, and of the others."""
    asked: Counter[int] = Counter()
    answered: Counter[int] = Counter()
    for operation in run.operations:
        if operation.f in ("hear", "list"):
            continue
        second = operation.began // SECOND
        asked[second] += 1
        prompt = operation.until != END_OF_TIME and operation.until - operation.began <= SECOND
        answered[second] += prompt and operation.outcome != "info"
    inside: list[float] = []
    outside: list[float] = []
    for second, count in asked.items():
        (inside if _touched(second, run.about.faults) else outside).append(answered[second] / count)
    return inside, outside


def _touched(second: int, faults: list[Fault]) -> bool:
    return any(fault.began // SECOND <= second <= fault.ended // SECOND for fault in faults)


def _availability(shares: list[float]) -> Availability | None:
    if not shares:
        return None
    return Availability(seconds=len(shares), mean=round(fmean(shares), 4), least=round(min(shares), 4))
