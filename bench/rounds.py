"""Rounds: what is measured and its limit take turns, and the medians are compared. One machine, one run, one noise."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from stack.server import Progress


class Round(msgspec.Struct, frozen=True):
    """One round of both."""

    value: float
    limit: float


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One bench's answer: medians over the rounds; `ratio` is value to limit. The last five are of the whole path."""

    bench: str
    value: float
    unit: str
    limit: float
    limit_is: str
    ratio: float
    reach: str
    reached: bool | None
    """None where a figure is only stated."""
    rounds: int
    measured: list[Round]
    details: dict[str, Any] = {}
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    lost: int | None = None
    duplicated: int | None = None


def alternate(
    rounds: int, value: Callable[[int], float], limit: Callable[[int], float], progress: Progress, unit: str
) -> list[Round]:
    """Both measured `rounds` times, in turns, the order swapped each time so that neither always comes first."""
    measured = []
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        if number % 2:
            ours = value(number)
            theirs = limit(number)
        else:
            theirs = limit(number)
            ours = value(number)
        measured.append(Round(ours, theirs))
        progress(f"round {number} of {rounds}: {ours:,.1f} {unit}, limit {theirs:,.1f}")
    return measured


def result(
    bench: str,
    measured: Sequence[Round],
    *,
    unit: str,
    limit_is: str,
    at_least: float | None = None,
    at_most: float | None = None,
    **details: Any,
) -> Result:
    """The medians; `at_least` and `at_most` bound the ratio that is to be reached."""
    value = statistics.median(one.value for one in measured)
    limit = statistics.median(one.limit for one in measured)
    ratio = value / limit if limit else 0.0
    reach, reached = "stated", None
    if at_least is not None:
        reach, reached = f">= {at_least:g}", ratio >= at_least
    elif at_most is not None:
        reach, reached = f"<= {at_most:g}", ratio <= at_most
    return Result(
        bench=bench, value=round(value, 3), unit=unit, limit=round(limit, 3), limit_is=limit_is, ratio=round(ratio, 3),
        reach=reach, reached=reached, rounds=len(measured), measured=list(measured), details=details,
    )  # fmt: skip
