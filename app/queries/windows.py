"""A window of days in a time zone, as reports take it: half open, from one day's first moment up to another's.

Pure. Moments leave here as the documents hold them: RFC 3339 text in UTC with six digits, which sorts.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Annotated, TypeAlias
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
    """The days of a window by the text of a moment. `prefix` is how many characters of it decide: groups of moments
    that share them never straddle a midnight of the zone, so a database may sum by them."""

    def __init__(self, window: Window) -> None:
        self.days = window.days
        self._beginnings = [window.beginning(day) for day in self.days]
        self.prefix = max((_deciding(beginning) for beginning in self._beginnings), default=13)

    def day(self, prefix: str) -> date:
        """Whose moments begin like this."""
        return self.days[bisect_right(self._beginnings, prefix + _REST[len(prefix) :]) - 1]


_REST = "0000-00-00T00:00:00.000000Z"


def _deciding(moment: str) -> int:
    """How much of "2023-05-28T22:30:00.000000Z" a midnight needs: the hour, tens of minutes, minutes or seconds."""
    return next(length for length in (13, 15, 16, 19) if moment[length:] == _REST[length:])


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
