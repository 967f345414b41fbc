"""A window of days in a time zone, as reports take it: half open, from one day's first moment up to another's.

Pure. Moments leave here as the documents hold them: RFC 3339 text in UTC with six digits, which sorts.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import msgspec
from litestar.params import QueryParameter

from app.problems import Problem
from kernel.events import wire_time

MAX_DAYS = 3_660
"""Of one window: ten years."""
EARLIEST, LATEST = date(1900, 1, 2), date(9999, 12, 30)

FromDay: TypeAlias = Annotated[date, QueryParameter(name="from", description="First day of the window (2023-05-28)")]
UntilDay: TypeAlias = Annotated[date, QueryParameter(name="until", description="The day behind its last one")]
TimeZone: TypeAlias = Annotated[
    str, QueryParameter(name="tz", max_length=64, description="Whose days: a name of the IANA database")
]
AsOf: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        name="as_of", max_length=40, description="Nothing later counts: a time with its offset, or a day's end in `tz`"
    ),
]


class Window(msgspec.Struct, frozen=True):
    """Days from `first` up to, without, `last`; nothing later than `as_of`, if given."""

    first: date
    last: date
    zone: tzinfo
    as_of: datetime | None

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days)]

    @property
    def moments(self) -> dict[str, str]:
        """A filter on a moment's text. Without `as_of` it says nothing of now: clocks of several hosts differ, and a
        reader of their own write must find it."""
        bounds = {"$gte": self.beginning(self.first), "$lt": self.beginning(self.last)}
        return bounds if self.as_of is None else bounds | {"$lte": wire_time(self.as_of)}

    def stands(self, now: datetime) -> str:
        """As of when a report made now stands."""
        return wire_time(self.as_of or now)

    def beginning(self, day: date) -> str:
        """The first moment of a day."""
        return wire_time(datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC))


class Buckets:
    """The days of a window by keys that a database can make of a moment's text and sum by: as coarse as may be, and
    never so coarse that moments of one key lie on both sides of a midnight of the zone."""

    def __init__(self, window: Window) -> None:
        self.days = window.days
        self._beginnings = [window.beginning(day) for day in self.days]
        self._length = max((_deciding(beginning) for beginning in self._beginnings), default=HOUR)

    def key(self, field: str) -> dict[str, Any]:
        """The key of the moment in a field, as an expression of MongoDB: its hour, its quarter of an hour, or, where
        clocks once went by the sun, its second."""
        if self._length != QUARTER:
            return {"$substrBytes": [field, 0, self._length]}
        minute = {"$substrBytes": [field, 14, 2]}
        branches = [
            {"case": {"$lt": [minute, until]}, "then": quarter}
            for quarter, until in (("00", "15"), ("15", "30"), ("30", "45"))
        ]
        quarter = {"$switch": {"branches": branches, "default": "45"}}
        return {"$concat": [{"$substrBytes": [field, 0, 14]}, quarter]}

    def day(self, key: str) -> date:
        """Whose moments have this key."""
        return self.days[bisect_right(self._beginnings, key + _REST[len(key) :]) - 1]


HOUR, QUARTER, SECOND = 13, 16, 19
"""Characters of "2023-05-28T22:30:00" in a key."""
_REST = "0000-00-00T00:00:00.000000Z"


def _deciding(beginning: str) -> int:
    """How long a key must be for a day that begins then."""
    if beginning[HOUR:] == _REST[HOUR:]:
        return HOUR
    return QUARTER if beginning[14:16] in ("15", "30", "45") and beginning[QUARTER:] == _REST[QUARTER:] else SECOND


def window(first: date, last: date, tz: str, as_of: str | None) -> Window:
    """The window that a report was asked for. Raises Problem 422 that names the parameter."""
    if not EARLIEST <= first <= LATEST or not EARLIEST <= last <= LATEST or last < first:
        raise Problem(422, "bad-window", "until must not be earlier than from, and both from the year 1900 on")
    if (last - first).days > MAX_DAYS:
        raise Problem(422, "bad-window", f"a window has at most {MAX_DAYS} days", limit=MAX_DAYS)
    zone = _zone(tz)
    return Window(first, last, zone, None if as_of is None else _moment(as_of, zone))


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # ZoneInfo's own error is a KeyError
        raise Problem(422, "bad-time-zone", "tz must be a time zone of the IANA database, like Europe/Berlin") from None


def _moment(value: str, zone: tzinfo) -> datetime:
    try:
        if len(value) == 10:
            day = date.fromisoformat(value) + timedelta(days=1)
            return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) - timedelta(microseconds=1)
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(
            422, "bad-moment", "as_of must be a date (2023-05-28) or a time with its offset (2023-05-28T12:00:00Z)"
        ) from None
