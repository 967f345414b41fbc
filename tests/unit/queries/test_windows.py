"""Windows of days in a time zone: which moments belong to which day, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.problems import Problem
from app.queries.windows import MAX_DAYS, Buckets, window
from kernel.events import wire_time

MARCH, APRIL = date(2023, 3, 25), date(2023, 3, 28)


def test_days_are_half_open_and_begin_at_the_zones_own_midnight() -> None:
    berlin = window(MARCH, APRIL, "Europe/Berlin", None)
    assert [str(day) for day in berlin.days] == ["2023-03-25", "2023-03-26", "2023-03-27"]
    # summer time begins in between: this window has an hour less
    assert berlin.moments == {"$gte": "2023-03-24T23:00:00.000000Z", "$lt": "2023-03-27T22:00:00.000000Z"}


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ("2023-03-26", "2023-03-26T21:59:59.999999Z"),
        ("2023-03-26T12:00:00+02:00", "2023-03-26T10:00:00.000000Z"),
        ("2023-03-26T12:00:00Z", "2023-03-26T12:00:00.000000Z"),
    ],
)
def test_as_of_is_a_moment_or_the_end_of_a_day_there(given: str, then: str) -> None:
    asked = window(MARCH, APRIL, "Europe/Berlin", given)
    assert asked.moments["$lte"] == then == asked.stands(datetime.now(UTC))


def test_without_as_of_a_report_stands_as_of_now_and_leaves_nothing_out() -> None:
    asked, now = window(MARCH, APRIL, "UTC", None), datetime(2023, 3, 26, tzinfo=UTC)
    assert asked.stands(now) == "2023-03-26T00:00:00.000000Z"
    assert "$lte" not in asked.moments


@pytest.mark.parametrize(
    ("zone", "first", "length"),
    [
        ("UTC", MARCH, 13), ("Europe/Berlin", MARCH, 13), ("America/New_York", MARCH, 13), ("Asia/Kolkata", MARCH, 16),
        ("Asia/Kathmandu", MARCH, 16), ("Africa/Monrovia", date(1950, 3, 25), 19),
    ],
)  # fmt: skip
def test_moments_of_one_key_are_of_one_day(zone: str, first: date, length: int) -> None:
    """Every second minute of the window, by its key alone, falls on the day it has there."""
    last = first + timedelta(days=3)
    buckets = Buckets(window(first, last, zone, None))
    moment, seen = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC), set()
    while (there := moment.astimezone(ZoneInfo(zone))).date() < last:
        key = computed(buckets.key("$at"), wire_time(moment))
        assert len(key) == length
        assert buckets.day(key) == there.date()
        seen.add(key)
        moment += timedelta(minutes=2)
    assert len(seen) <= {13: 72 + 1, 16: 4 * 72, 19: 30 * 72}[length]


def computed(expression: Any, at: str) -> str:
    """What MongoDB makes of the expression, for a document whose `at` this is."""
    if isinstance(expression, str):
        return at if expression == "$at" else expression
    ((operator, asked),) = expression.items()
    match operator:
        case "$substrBytes":
            field, start, length = asked
            return computed(field, at)[start : start + length]
        case "$concat":
            return "".join(computed(each, at) for each in asked)
        case "$switch":
            taken = (each["then"] for each in asked["branches"] if _less(each["case"], at))
            return computed(next(taken, asked["default"]), at)
        case _:
            raise AssertionError(operator)


def _less(case: dict[str, list[Any]], at: str) -> bool:
    left, right = case["$lt"]
    return computed(left, at) < computed(right, at)


@pytest.mark.parametrize(
    ("problem", "asked"),
    [
        ("bad-time-zone", (MARCH, APRIL, "Mars/Olympus", None)), ("bad-time-zone", (MARCH, APRIL, "../etc", None)),
        ("bad-time-zone", (MARCH, APRIL, "", None)), ("bad-time-zone", (MARCH, APRIL, "UTC\0", None)),
        ("bad-window", (APRIL, MARCH, "UTC", None)), ("bad-window", (date(1, 1, 1), MARCH, "UTC", None)),
        ("bad-window", (MARCH, MARCH + timedelta(days=MAX_DAYS + 1), "UTC", None)),
        ("bad-moment", (MARCH, APRIL, "UTC", "yesterday")), ("bad-moment", (MARCH, APRIL, "UTC", "9999-12-31")),
        ("bad-moment", (MARCH, APRIL, "UTC", "2023-03-26T12:00:00")),
        ("bad-moment", (MARCH, APRIL, "UTC", "0001-01-01T00:00:00+14:00")),
    ],
)  # fmt: skip
def test_what_is_no_window_is_refused_by_name(problem: str, asked: tuple[Any, ...]) -> None:
    with pytest.raises(Problem) as refused:
        window(*asked)
    assert (refused.value.status, refused.value.type) == (422, problem)
