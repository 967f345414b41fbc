"""What a question is asked about, and what it answers with when nothing was said. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

import msgspec

from domains.shop.analytics.windows import Window, month_of, months_of, window_of

DefaultDays = Callable[[date], tuple[date, date]]
"""(today) → the days that are answered for when none are named."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Days from `first` until just before `until`, in a zone; `currency` None: a row for each. `now` is when it is
    asked, or the moment it is asked for; nothing later than `as_of` counts."""

    first: date
    until: date
    zone: tzinfo
    currency: str | None
    now: datetime
    as_of: datetime | None = None

    @property
    def window(self) -> Window:
        return self._cut(window_of(self.first, self.until, self.zone))

    @property
    def months(self) -> list[tuple[str, Window]]:
        return [(name, self._cut(window)) for name, window in months_of(self.first, self.until, self.zone)]

    def _cut(self, window: Window) -> Window:
        if self.as_of is None:
            return window
        return Window(window.start, max(window.start, min(window.end, self.as_of + timedelta(microseconds=1))))


def last_months(count: int) -> DefaultDays:
    """This month, which is not over, and those before it: `count` in all."""
    return lambda today: (month_of(today, 1 - count), month_of(today, 1))


def last_quarter(today: date) -> tuple[date, date]:
    """The calendar quarter before the one that today is in."""
    begun = month_of(today, -((today.month - 1) % 3))
    return month_of(begun, -3), begun


def days_asked(first: date | None, until: date | None, today: date, default: DefaultDays) -> tuple[date, date]:
    """What was named, completed by the default: with a beginning only, up to this month's end; with an end only, as
    long as the default is."""
    if first is not None:
        return first, until if until is not None else month_of(today, 1)
    if until is not None:
        return default(until - timedelta(days=1))[0], until
    return default(today)
