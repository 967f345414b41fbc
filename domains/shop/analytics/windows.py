"""A stretch of time as it was asked for, and as it is read: whole months, whole days, and what is left. Pure.

Dates are days in the time zone that was asked for, `until` is not part of it. Buckets are in UTC, so in another zone
the hours between its midnight and UTC's are read fact by fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

from kernel.events import wire_time

DAY = timedelta(days=1)


class Window(msgspec.Struct, frozen=True):
    """From `start` until just before `end`, in UTC."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


class Pieces(msgspec.Struct, frozen=True):
    """What a window is made of: buckets, and stretches (from, until) of facts; each counts +1 or -1."""

    buckets: dict[str, int]
    edges: dict[tuple[str, str], int]


def midnight(day: date, zone: tzinfo) -> datetime:
    """When the day begins in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def window_of(first: date, until: date, zone: tzinfo) -> Window:
    return Window(midnight(first, zone), midnight(until, zone))


def month_of(day: date, further: int = 0) -> date:
    """The first day of the day's month, or of one that is `further` months on."""
    months = day.year * 12 + day.month - 1 + further
    return date(months // 12, months % 12 + 1, 1)


def months_of(first: date, until: date, zone: tzinfo) -> Iterator[tuple[str, Window]]:
    """Each month of the zone that has a day in it, and the part of it that lies in it."""
    month = month_of(first)
    while month < until:
        following = month_of(month, 1)
        yield f"{month:%Y-%m}", window_of(max(month, first), min(following, until), zone)
        month = following


def whole(window: Window) -> Pieces:
    """Pieces that add up to the window. For what cannot be taken away again: distinct customers."""
    first, last = _next_midnight(window.start), _midnight(window.end)
    if first >= last:
        return Pieces({}, _edge(window.start, window.end, 1))
    begin, end = _next_month(first), _month(last)
    if begin >= end:
        begin = end = last
    inner = dict.fromkeys((*_days(first, begin), *_months(begin, end), *_days(end, last)), 1)
    return Pieces(inner, _edge(window.start, first, 1) | _edge(last, window.end, 1))


def nearest(window: Window) -> Pieces:
    """As few pieces as can be, some of them to be subtracted. For sums."""
    first, last = _nearer(window.start, _midnight, _next_midnight), _nearer(window.end, _midnight, _next_midnight)
    if first >= last:
        return Pieces({}, _edge(window.start, window.end, 1))
    edges = _signed_edge(window.start, first, 1) | _signed_edge(window.end, last, -1)
    begin, end = _nearer(first, _month, _next_month), _nearer(last, _month, _next_month)
    if begin >= end:
        return Pieces(dict.fromkeys(_days(first, last), 1), edges)
    inner = dict.fromkeys(_months(begin, end), 1)
    # before the first month and after the last, or what these two have too much
    inner |= dict.fromkeys(_days(first, begin), 1) | dict.fromkeys(_days(begin, first), -1)
    inner |= dict.fromkeys(_days(end, last), 1) | dict.fromkeys(_days(last, end), -1)
    return Pieces(inner, edges)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_midnight(moment: datetime) -> datetime:
    begun = _midnight(moment)
    return begun if begun == moment else begun + DAY


def _month(moment: datetime) -> datetime:
    return _midnight(moment).replace(day=1)


def _next_month(moment: datetime) -> datetime:
    begun = _month(moment)
    return begun if begun == moment else _month(begun + 31 * DAY)


def _nearer(
    moment: datetime, before: Callable[[datetime], datetime], after: Callable[[datetime], datetime]
) -> datetime:
    earlier, later = before(moment), after(moment)
    return earlier if moment - earlier <= later - moment else later


def _days(first: datetime, until: datetime) -> Iterator[str]:
    while first < until:
        yield f"{first:%Y-%m-%d}"
        first += DAY


def _months(first: datetime, until: datetime) -> Iterator[str]:
    while first < until:
        yield f"{first:%Y-%m}"
        first = _next_month(first + DAY)


def _edge(start: datetime, end: datetime, sign: int) -> dict[tuple[str, str], int]:
    return {(wire_time(start), wire_time(end)): sign} if start < end else {}


def _signed_edge(bound: datetime, midnight: datetime, sign: int) -> dict[tuple[str, str], int]:
    """What lies between a bound of the window and the midnight that was read instead."""
    return _edge(bound, midnight, sign) | _edge(midnight, bound, -sign)
